/** The tRPC router over the Agent interface: parse, one call, parse. It decides nothing. */
import { initTRPC } from "@trpc/server";
import { z } from "zod";
import type { Agent } from "./agent.ts";
import { failureOnWire } from "./failure.ts";
import { CALLS, STREAMS } from "./wire.ts";

export interface AgentContext {
  agent: Agent;
}

const t = initTRPC.context<AgentContext>().create({
  isDev: false, // else tRPC puts stack traces into its answers
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    data: { ...shape.data, muster: failureOnWire(error) },
  }),
});

/** tRPC gives every call of this listener a signal; a direct caller without one cannot be cancelled. */
const never = new AbortController().signal;
const live = (signal: AbortSignal | undefined): AbortSignal => signal ?? never;

/**
 * Samples and other items are the agent's own and are parsed where they arrive: to parse them here too cost more
 * than to take them (15 minutes of 20 VPSs: 100 ms of a slow core).
 */
const listOf = <T extends z.ZodType>(_item: T) => z.custom<z.infer<T>[]>((value) => Array.isArray(value));
const iterableOf = <T extends z.ZodType>(_item: T) =>
  z.custom<AsyncIterable<z.infer<T>>>(
    (value) => typeof value === "object" && value !== null && Symbol.asyncIterator in value,
  );

export const agentRouter = t.router({
  describe: t.procedure
    .input(CALLS.describe.input)
    .output(CALLS.describe.output)
    .query(({ ctx }) => ctx.agent.describe()),
  inventory: t.procedure
    .input(CALLS.inventory.input)
    .output(CALLS.inventory.output)
    .query(({ ctx }) => ctx.agent.inventory()),
  listTemplates: t.procedure
    .input(CALLS.listTemplates.input)
    .output(CALLS.listTemplates.output)
    .query(({ ctx }) => ctx.agent.listTemplates()),
  importTemplate: t.procedure
    .input(CALLS.importTemplate.input)
    .output(CALLS.importTemplate.output)
    .mutation(({ ctx, input, signal }) => ctx.agent.importTemplate(input, live(signal))),
  listVps: t.procedure
    .input(CALLS.listVps.input)
    .output(CALLS.listVps.output)
    .query(({ ctx }) => ctx.agent.listVps()),
  createVps: t.procedure
    .input(CALLS.createVps.input)
    .output(CALLS.createVps.output)
    .mutation(({ ctx, input, signal }) => ctx.agent.createVps(input, live(signal))),
  startVps: t.procedure
    .input(CALLS.startVps.input)
    .output(CALLS.startVps.output)
    .mutation(({ ctx, input, signal }) => ctx.agent.startVps(input, live(signal))),
  stopVps: t.procedure
    .input(CALLS.stopVps.input)
    .output(CALLS.stopVps.output)
    .mutation(({ ctx, input, signal }) => ctx.agent.stopVps(input, live(signal))),
  deleteVps: t.procedure
    .input(CALLS.deleteVps.input)
    .output(CALLS.deleteVps.output)
    .mutation(async ({ ctx, input, signal }) => {
      await ctx.agent.deleteVps(input, live(signal));
    }),
  configureVps: t.procedure
    .input(CALLS.configureVps.input)
    .output(CALLS.configureVps.output)
    .mutation(({ ctx, input, signal }) => ctx.agent.configureVps(input, live(signal))),
  readLimits: t.procedure
    .input(CALLS.readLimits.input)
    .output(CALLS.readLimits.output)
    .query(({ ctx, input }) => ctx.agent.readLimits(input)),
  progress: t.procedure
    .input(CALLS.progress.input)
    .output(CALLS.progress.output)
    .query(({ ctx, input }) => ctx.agent.progress(input)),
  listPlacements: t.procedure
    .input(CALLS.listPlacements.input)
    .output(CALLS.listPlacements.output)
    .query(({ ctx }) => ctx.agent.listPlacements()),
  exec: t.procedure
    .input(CALLS.exec.input)
    .output(CALLS.exec.output)
    .mutation(({ ctx, input, signal }) => ctx.agent.exec(input, live(signal))),
  openTerminal: t.procedure
    .input(CALLS.openTerminal.input)
    .output(CALLS.openTerminal.output)
    .mutation(({ ctx, input }) => ctx.agent.openTerminal(input)),
  writeTerminal: t.procedure
    .input(CALLS.writeTerminal.input)
    .output(CALLS.writeTerminal.output)
    .mutation(async ({ ctx, input }) => {
      await ctx.agent.writeTerminal(input);
    }),
  resizeTerminal: t.procedure
    .input(CALLS.resizeTerminal.input)
    .output(CALLS.resizeTerminal.output)
    .mutation(async ({ ctx, input }) => {
      await ctx.agent.resizeTerminal(input);
    }),
  closeTerminal: t.procedure
    .input(CALLS.closeTerminal.input)
    .output(CALLS.closeTerminal.output)
    .mutation(async ({ ctx, input }) => {
      await ctx.agent.closeTerminal(input);
    }),
  samples: t.procedure
    .input(CALLS.samples.input)
    .output(listOf(CALLS.samples.output.element))
    .query(({ ctx, input }) => ctx.agent.samples(input)),
  terminalOutput: t.procedure
    .input(STREAMS.terminalOutput.input)
    .output(iterableOf(STREAMS.terminalOutput.item))
    .subscription(({ ctx, input, signal }) => ctx.agent.terminalOutput(input, live(signal))),
  watchSamples: t.procedure
    .input(STREAMS.watchSamples.input)
    .output(iterableOf(STREAMS.watchSamples.item))
    .subscription(({ ctx, signal }) => ctx.agent.watchSamples(live(signal))),
  watchVps: t.procedure
    .input(STREAMS.watchVps.input)
    .output(iterableOf(STREAMS.watchVps.item))
    .subscription(({ ctx, signal }) => ctx.agent.watchVps(live(signal))),
});

export type AgentRouter = typeof agentRouter;
