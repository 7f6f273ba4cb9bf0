/** Commands and terminals inside a running VPS. */
import assert from "node:assert/strict";
import { execResultSchema, type TerminalOutput } from "../agent.ts";
import {
  type Examinee,
  eventually,
  freshVpsId,
  mustFail,
  patience,
  type Question,
  withRunningVps,
  withVps,
} from "./examinee.ts";

const SIZE = { columns: 80, rows: 24 };
const EXEC_MS = 10_000;

function exec(examinee: Examinee, vpsId: string, argv: string[]) {
  return examinee.agent().exec({ vpsId, argv, timeoutMs: EXEC_MS }, patience());
}

function textOf(outputs: readonly TerminalOutput[]): string {
  const data = outputs.filter((output) => output.type === "data").map((output) => output.data);
  return Buffer.concat(data.map((one) => Buffer.from(one, "base64"))).toString("utf8");
}

/** Reads a terminal in the background for as long as `work` lasts. */
async function withOutput(
  examinee: Examinee,
  terminal: { terminalId: string; afterSeq: number },
  work: (outputs: readonly TerminalOutput[]) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const outputs: TerminalOutput[] = [];
  const reading = (async () => {
    for await (const output of examinee.agent().terminalOutput(terminal, stop.signal)) outputs.push(output);
  })();
  try {
    await work(outputs);
  } finally {
    stop.abort();
    await reading;
  }
}

export const INSIDE: readonly Question[] = [
  {
    name: "a command's exit code, output and errors come back",
    ask: (examinee) =>
      withRunningVps(examinee, async ({ vpsId }) => {
        const ended = execResultSchema.parse(await exec(examinee, vpsId, ["/bin/sh", "-c", "exit 3"]));
        assert.equal(ended.exitCode, 3);
        const said = await exec(examinee, vpsId, ["/bin/sh", "-c", "echo to-stdout"]);
        assert.deepEqual(said, { exitCode: 0, stdout: "to-stdout\n", stderr: "", truncated: false });
        const complained = await exec(examinee, vpsId, ["/bin/sh", "-c", "echo to-stderr >&2"]);
        assert.deepEqual([complained.stdout, complained.stderr], ["", "to-stderr\n"]);
      }),
  },
  {
    name: "arguments are words, never a shell line",
    ask: (examinee) =>
      withRunningVps(examinee, async ({ vpsId }) => {
        const words = ["a  b", ";", "exit", "7", "$(reboot)", "|", "`id`", "--help"];
        const said = await exec(examinee, vpsId, ["/bin/echo", ...words]);
        assert.deepEqual([said.exitCode, said.stdout], [0, `${words.join(" ")}\n`]);
      }),
  },
  {
    name: "a command that takes too long is ended",
    ask: (examinee) =>
      withRunningVps(examinee, async ({ vpsId }) => {
        const slow = { vpsId, argv: ["/bin/sleep", "30"], timeoutMs: 300 };
        await mustFail(examinee.agent().exec(slow, patience()), "deadline_exceeded");
      }),
  },
  {
    name: "nothing can be run in a VPS that does not run, or is not there",
    ask: (examinee) =>
      withVps(examinee, async ({ vpsId }) => {
        const agent = examinee.agent();
        await mustFail(exec(examinee, vpsId, ["/bin/true"]), "state_conflict");
        await mustFail(agent.openTerminal({ vpsId, ...SIZE }), "state_conflict");
        await mustFail(exec(examinee, freshVpsId(), ["/bin/true"]), "not_found");
        await mustFail(agent.openTerminal({ vpsId: freshVpsId(), ...SIZE }), "not_found");
      }),
  },
  {
    name: "a terminal echoes what is typed and shows what it answers, numbered from 1",
    ask: (examinee) =>
      withRunningVps(examinee, async ({ vpsId }) => {
        const { terminalId } = await examinee.agent().openTerminal({ vpsId, ...SIZE });
        await withOutput(examinee, { terminalId, afterSeq: 0 }, async (outputs) => {
          await examinee.agent().resizeTerminal({ terminalId, columns: 132, rows: 50 });
          await examinee.agent().writeTerminal({ terminalId, data: "echo muster-exam\r" });
          await eventually("the answer", async () => textOf(outputs).split("muster-exam").length > 2);
          const numbers = outputs.map((output) => output.seq);
          assert.deepEqual(
            numbers,
            numbers.map((_, index) => index + 1),
          );
        });
        await examinee.agent().closeTerminal({ terminalId });
      }),
  },
  {
    name: "who comes back to a terminal reads on where he was, and the beginning on request",
    ask: (examinee) =>
      withRunningVps(examinee, async ({ vpsId }) => {
        const { terminalId } = await examinee.agent().openTerminal({ vpsId, ...SIZE });
        let last = 0;
        await withOutput(examinee, { terminalId, afterSeq: 0 }, async (outputs) => {
          await examinee.agent().writeTerminal({ terminalId, data: "echo first-word\r" });
          await eventually("the answer", async () => textOf(outputs).split("first-word").length > 2);
          last = outputs.at(-1)?.seq ?? 0;
        });
        await examinee.agent().writeTerminal({ terminalId, data: "echo second-word\r" });
        await withOutput(examinee, { terminalId, afterSeq: last }, async (outputs) => {
          await eventually("the rest", async () => textOf(outputs).includes("second-word"));
          assert.ok(outputs.every((output) => output.seq > last));
          assert.ok(!textOf(outputs).includes("first-word"));
        });
        await withOutput(examinee, { terminalId, afterSeq: 0 }, async (outputs) => {
          await eventually("all of it", async () => /first-word.*second-word/s.test(textOf(outputs)));
        });
        await examinee.agent().closeTerminal({ terminalId });
      }),
  },
  {
    name: "a terminal whose shell ends says with what exit code",
    ask: (examinee) =>
      withRunningVps(examinee, async ({ vpsId }) => {
        const { terminalId } = await examinee.agent().openTerminal({ vpsId, ...SIZE });
        await withOutput(examinee, { terminalId, afterSeq: 0 }, async (outputs) => {
          await examinee.agent().writeTerminal({ terminalId, data: "exit 3\r" });
          const exit = await eventually("the end", async () => outputs.find((output) => output.type === "exit"));
          assert.equal(exit.exitCode, 3);
        });
        await examinee.agent().closeTerminal({ terminalId });
      }),
  },
  {
    name: "a terminal ends with its VPS",
    ask: (examinee) =>
      withRunningVps(examinee, async (calls) => {
        const { terminalId } = await examinee.agent().openTerminal({ vpsId: calls.vpsId, ...SIZE });
        await withOutput(examinee, { terminalId, afterSeq: 0 }, async (outputs) => {
          await calls.stop(examinee.agent(), 0);
          await eventually("the end", async () => outputs.some((output) => output.type === "exit"));
        });
      }),
  },
  {
    name: "a closed terminal is not found; closing it again is no error",
    ask: (examinee) =>
      withRunningVps(examinee, async ({ vpsId }) => {
        const agent = examinee.agent();
        const { terminalId } = await agent.openTerminal({ vpsId, ...SIZE });
        await agent.closeTerminal({ terminalId });
        await agent.closeTerminal({ terminalId });
        await mustFail(agent.writeTerminal({ terminalId, data: "x" }), "not_found");
        await mustFail(agent.resizeTerminal({ terminalId, ...SIZE }), "not_found");
      }),
  },
];
