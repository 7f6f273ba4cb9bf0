/** What the exam is held over, and the few motions that its questions share. It knows no test runner: `node:assert` only. */
import assert from "node:assert/strict";
import { macOf } from "@muster/model/address";
import { type ErrorCode, MusterError } from "@muster/model/errors";
import { newId } from "@muster/model/ids";
import type { PlacementStatus, VpsSpec } from "@muster/model/vps";
import type { Agent, CreateVps, ImportTemplate } from "../agent.ts";

export type ImportSource = Pick<ImportTemplate, "fileName" | "sha256" | "init">;

/** A node under examination. Questions are asked one after another and leave nothing behind. */
export interface Examinee {
  /** The agent as it is now: after `restart` it is another. */
  agent(): Agent;
  /** Ends the agent in order and starts it again on the same node. */
  restart(): Promise<void>;
  /** For the n-th VPS of a question (1 to 3): small, of a template with a shell in /bin/sh, each with an address of its own. */
  spec(n: number): VpsSpec;
  /** An address that no VPS of this node may have. */
  outsideAddress: string;
  /** Archives in the node's import directory; null where the examinee cannot have any. */
  imports: { good: ImportSource; wrongChecksum: ImportSource; invalid: ImportSource; missing: ImportSource } | null;
}

export interface Question {
  name: string;
  ask(examinee: Examinee): Promise<void>;
}

const WAIT_MS = 10_000;
export const PATIENT_MS = 5_000;

export const patience = () => AbortSignal.timeout(60_000);
const random = (bytes: Uint8Array) => crypto.getRandomValues(bytes);
export const freshVpsId = () => newId("v", random);
export const freshKey = () => `${newId("j", random)}:exam`;

/** A VPS in the making: its create call, and each other call with a key of its own. */
export function callsOf(input: CreateVps) {
  const { vpsId } = input;
  const placed = (epoch = input.epoch) => ({ key: freshKey(), vpsId, epoch });
  return {
    vpsId,
    input,
    create: (agent: Agent) => agent.createVps(input, patience()),
    start: (agent: Agent, epoch?: number) => agent.startVps(placed(epoch), patience()),
    stop: (agent: Agent, graceMs = PATIENT_MS) => agent.stopVps({ ...placed(), graceMs }, patience()),
    delete: (agent: Agent, epoch?: number) => agent.deleteVps(placed(epoch), patience()),
  };
}
export type Calls = ReturnType<typeof callsOf>;

export function createInput(examinee: Examinee, n = 1, over: Partial<CreateVps> = {}): CreateVps {
  const spec = examinee.spec(n);
  return { key: freshKey(), vpsId: freshVpsId(), epoch: 1, generation: 1, spec, mac: macOf(spec.address), ...over };
}

/** Makes a VPS for the length of `work`; whatever comes of that, it is deleted. */
export async function withVps(
  examinee: Examinee,
  work: (calls: Calls, made: PlacementStatus) => Promise<void>,
): Promise<void> {
  const calls = callsOf(createInput(examinee));
  const made = await calls.create(examinee.agent());
  try {
    await work(calls, made);
  } finally {
    await calls.delete(examinee.agent(), Number.MAX_SAFE_INTEGER);
  }
}

export async function withRunningVps(
  examinee: Examinee,
  work: (calls: Calls, running: PlacementStatus) => Promise<void>,
): Promise<void> {
  await withVps(examinee, async (calls) => work(calls, await calls.start(examinee.agent())));
}

export async function statusOf(agent: Agent, vpsId: string): Promise<PlacementStatus | undefined> {
  return (await agent.listVps()).find((status) => status.vpsId === vpsId);
}

export async function mustFail(work: Promise<unknown>, ...codes: ErrorCode[]): Promise<void> {
  const error: unknown = await work.then(
    () => assert.fail(`it succeeded, and should have failed with ${codes.join(" or ")}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MusterError)) throw error;
  assert.ok(codes.includes(error.code), `it failed with ${error.code} (${error.message}), not ${codes.join(" or ")}`);
}

/** Waits for a state, never for a time. */
export async function eventually<Found>(what: string, look: () => Promise<Found | undefined | false>): Promise<Found> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < deadline, `${what}: not within ${WAIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
