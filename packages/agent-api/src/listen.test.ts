import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { listenAgents } from "./listen.ts";
import { createTestAgent, TEST_NODE_ID } from "./test-agent.ts";
import { createTestAuthority } from "./test-authority.ts";

test("a closed listener lets go of everybody, also of who has not shaken hands yet", async () => {
  const authority = await createTestAuthority();
  const node = { nodeId: TEST_NODE_ID, agent: createTestAgent(), ...(await authority.issue(TEST_NODE_ID)) };
  const listener = await listenAgents({ nodes: [node], host: "127.0.0.1", port: 0, onError: () => undefined });
  const halfway = connect(listener.port, "127.0.0.1");
  halfway.on("error", () => undefined); // a reset will do as well as an end
  await once(halfway, "connect");
  const letGo = once(halfway, "close");
  await listener.close();
  await letGo;
  const late = connect(listener.port, "127.0.0.1");
  await expect(once(late, "connect")).rejects.toThrow(/ECONNREFUSED/);
});
