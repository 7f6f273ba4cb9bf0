/**
 * An agent that creates and starts a VPS, stops and deletes it, and is killed (as kill -9 does) at a given place.
 * usage: doomed-agent.ts DIRECTORY OWNER before|after|ms NUMBER VPS_NUMBER
 */
import type { Engine } from "../engine/ports.ts";
import { openTrialNode } from "./trial-node.ts";

const [, , directory = "", owner = "", when = "", numberText = "", vps = ""] = process.argv;
const number = Number(numberText);
const never = new AbortController().signal;
let calls = 0;

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

/** Dies before or after the n-th call that changes something. */
function doomed<Port extends object>(port: Port, watched: readonly string[]): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || !watched.includes(String(name))) return method;
      return async (...args: unknown[]) => {
        calls += 1;
        if (when === "before" && calls === number) die();
        const answer: unknown = await Reflect.apply(method, target, args);
        if (when === "after" && calls === number) die();
        return answer;
      };
    },
  });
}

const node = await openTrialNode(directory, Number(owner));
const engine: Engine = {
  ...node.engine,
  storage: doomed(node.engine.storage, ["createArea", "mountArea", "removeArea"]),
  containers: doomed(node.engine.containers, ["start", "askToStop", "remove"]),
};
const agent = await node.boot(engine);
if (when === "ms") setTimeout(die, number);
const input = node.creation(Number(vps));
const placed = { vpsId: input.vpsId, epoch: 1 };
await agent.create(input, never);
await agent.start({ ...placed, key: `start-${input.vpsId}` }, never);
await agent.stop({ ...placed, key: `stop-${input.vpsId}`, graceMs: 50 }, never);
await agent.delete({ ...placed, key: `delete-${input.vpsId}` }, never);
await agent.close();
