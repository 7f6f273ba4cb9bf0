/** A machine with an agent, as the exams need one: its agent can be asked past the server, started, and struck down. */
import type { Agent } from "@muster/agent-api/agent";
import type { Credentials } from "@muster/agent-api/listen";

/** The agent dies in the call with that key: before its work, in the middle of it, or before it can answer. */
export interface Strike {
  key: string;
  when: "asked" | "amid" | "worked";
  /** Called when it is dead. */
  struck(): void;
}

export interface Machine {
  readonly name: string;
  readonly simulated: boolean;
  /** CIDR of its VPSs' addresses. */
  readonly network: string;
  /** host:port of the agent; the same after every boot. */
  readonly address: string;
  /** The agent itself, asked past the server: what is on the node in truth. */
  node(): Agent;
  /** Starts the agent, for the first time or again. */
  boot(identity?: { nodeId: string; credentials: Credentials }): Promise<void>;
  /** Says where the agent is to die next; null: nowhere. */
  arm(strike: Strike | null): Promise<void>;
  close(): Promise<void>;
}
