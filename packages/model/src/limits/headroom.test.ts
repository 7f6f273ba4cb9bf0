import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GIB, MIB } from "../units.ts";
import { weightOf } from "./cpu-weight.ts";
import { type Claim, dividedByWeight, headroomOf, type NodeSight, pressedBy, type Tenant } from "./headroom.ts";
import { limitsPreviewSchema } from "./preview.ts";
import { changedLimits, type Limits, type LimitsChange, limitsWith } from "./registry.ts";

interface TenantFacts {
  limits?: LimitsChange;
  use?: Partial<Tenant["use"]>;
  running?: boolean;
}

function tenant(name: string, { limits, use, running = true }: TenantFacts = {}): Tenant {
  const vpsId = `v${name.padEnd(10, "0")}`;
  return { vpsId, name, running, limits: limitsWith(limits), use: { cpu: 0, memory: 0, disk: 0, ...use } };
}

function nodeWith(tenants: Tenant[], over: Partial<NodeSight> = {}): NodeSight {
  const sum = (of: (limits: Limits) => number) => tenants.reduce((all, { limits }) => all + of(limits), 0);
  return {
    capacity: { cpu: 4, memory: 4 * GIB, disk: 64 * GIB },
    overcommit: { cpu: 16, memory: null, disk: null },
    promised: {
      cpu: sum((limits) => limits["cpu.cores"]),
      memory: sum((limits) => limits["memory.max"]),
      disk: sum((limits) => limits["disk.max"]),
    },
    tenants,
    ...over,
  };
}

const changing = (one: Tenant, change: LimitsChange) => new Map([[one.vpsId, changedLimits(one.limits, change)]]);
const named = (node: NodeSight, changes: ReadonlyMap<string, Limits>) =>
  pressedBy(node, changes).map(({ name, resource }) => `${name} ${resource}`);

describe("processor time divided by weight", () => {
  const claims = fc.array(
    fc.record({ weight: fc.integer({ min: 1, max: 10_000 }), most: fc.double({ min: 0.1, max: 64, noNaN: true }) }),
    { minLength: 1, maxLength: 20 },
  );
  const withIds = (given: Omit<Claim, "id">[]): Claim[] => given.map((claim, index) => ({ ...claim, id: `${index}` }));
  const capacity = fc.double({ min: 1, max: 128, noNaN: true });

  test("gives nobody more than it can use, and all that there is to those who can", () => {
    fc.assert(
      fc.property(capacity, claims, (cores, given) => {
        const all = withIds(given);
        const shares = dividedByWeight(cores, all);
        const most = all.reduce((sum, claim) => sum + claim.most, 0);
        const sum = [...shares.values()].reduce((one, other) => one + other, 0);
        expect(sum).toBeCloseTo(Math.min(cores, most), 6);
        for (const claim of all) expect(shares.get(claim.id) ?? -1).toBeLessThanOrEqual(claim.most + 1e-9);
      }),
    );
  });

  test("gives those who could use more the same for the same weight, and never less than one who could not", () => {
    fc.assert(
      fc.property(capacity, claims, (cores, given) => {
        const all = withIds(given);
        const shares = dividedByWeight(cores, all);
        const perWeight = ({ id, weight }: Claim) => (shares.get(id) ?? 0) / weight;
        const hungry = all.filter(({ id, most }) => (shares.get(id) ?? 0) < most - 1e-9);
        for (const one of hungry) {
          for (const other of all) expect(perWeight(other)).toBeLessThanOrEqual(perWeight(one) * (1 + 1e-9));
        }
      }),
    );
  });

  test("takes from nobody when another asks for less", () => {
    fc.assert(
      fc.property(capacity, claims, (cores, given) => {
        const [first, ...others] = withIds(given);
        if (first === undefined) return;
        const before = dividedByWeight(cores, [first, ...others]);
        const after = dividedByWeight(cores, [{ ...first, most: first.most / 2 }, ...others]);
        for (const { id } of others) expect(after.get(id)).toBeGreaterThanOrEqual((before.get(id) ?? 0) * (1 - 1e-9));
      }),
    );
  });

  test("where no weight is set, follows the cores", () => {
    expect(weightOf(limitsWith({ "cpu.cores": 2 }))).toBe(200);
    expect(weightOf(limitsWith({ "cpu.cores": 2, "cpu.weight": 50 }))).toBe(50);
  });
});

describe("headroom", () => {
  test("is what is promised before and after, of what may be promised", () => {
    const limits = { "memory.max": GIB, "cpu.cores": 1, "disk.max": 4 * GIB };
    const one = tenant("one", { limits, use: { cpu: 0.5, memory: 300 * MIB } });
    const idle = { cpu: null, memory: null, disk: 5 };
    const node = nodeWith([one, tenant("two", { limits: { "disk.max": 4 * GIB }, running: false, use: idle })]);
    const [cpu, memory, disk] = headroomOf(node, changing(one, { "memory.max": 2 * GIB, "cpu.cores": 3 }));
    expect(cpu).toMatchObject({ capacity: 4, promisable: 64, promisedBefore: 2, promisedAfter: 4, used: 0.5 });
    expect(memory).toMatchObject({ promisable: 4 * GIB, promisedBefore: 1.5 * GIB, promisedAfter: 2.5 * GIB });
    expect(memory?.used).toBe(300 * MIB);
    expect(disk).toMatchObject({ promisedBefore: 8 * GIB, promisedAfter: 8 * GIB, used: 5 });
  });

  test("says that use is not known when that of one is not, never the sum of the others", () => {
    const node = nodeWith([tenant("one", { use: { cpu: 1 } }), tenant("two", { use: { cpu: null } })]);
    expect(headroomOf(node, new Map())[0]?.used).toBeNull();
  });
});

describe("a neighbour is pressed", () => {
  const busy = (name: string, cpu: number) => tenant(name, { limits: { "cpu.cores": 2 }, use: { cpu } });

  test("for CPU when by weight less would be left to it than it uses now, with both figures", () => {
    const [one, two, three] = [busy("one", 1), busy("two", 1.3), busy("three", 0.2)];
    const node = nodeWith([one, two, three]);
    expect(named(node, changing(one, { "cpu.cores": 4, "cpu.weight": 1000 }))).toEqual(["two cpu"]);
    const [pressed] = pressedBy(node, changing(one, { "cpu.weight": 600 }));
    expect(pressed?.reason).toBe("It uses 1.3 cores; when all are busy it is left with 1 core.");
  });

  test("not when it was so before, when it is stopped, when its use is not known, or when it is the one that changes", () => {
    const one = busy("one", 2);
    const over = tenant("over", { limits: { "cpu.cores": 4 }, use: { cpu: 4 } });
    const stopped = tenant("stopped", { running: false, use: { cpu: 4 } });
    const unknown = tenant("unknown", { limits: { "cpu.cores": 4 }, use: { cpu: null } });
    expect(named(nodeWith([one, over, stopped, unknown]), changing(one, { "cpu.weight": 10_000 }))).toEqual([]);
  });

  test("for memory only when more would be promised than there is, and less is left in fact than is asked for more", () => {
    const one = tenant("one", { limits: { "memory.max": GIB }, use: { memory: GIB } });
    const big = tenant("big", { limits: { "memory.max": 2 * GIB }, use: { memory: 1.5 * GIB } });
    const small = tenant("small", { limits: { "memory.max": GIB }, use: { memory: 0.1 * GIB } });
    const node = nodeWith([small, one, big], { overcommit: { cpu: null, memory: 4, disk: null } });
    expect(named(node, changing(one, { "memory.max": 2 * GIB }))).toEqual([]);
    expect(named(node, changing(one, { "memory.max": 3 * GIB }))).toEqual(["big memory"]);
    expect(named(node, changing(one, { "memory.max": 5 * GIB }))).toEqual(["big memory", "small memory"]);
    expect(named(nodeWith([big, one]), changing(one, { "memory.max": 2 * GIB }))).toEqual([]);
  });

  test("never by a change that takes nothing more", () => {
    const less = fc.record({
      cores: fc.double({ min: 0.1, max: 4, noNaN: true }),
      memory: fc.integer({ min: 64, max: 4096 }),
    });
    const uses = fc.array(fc.double({ min: 0, max: 4, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(less, uses, ({ cores, memory }, cpus) => {
        const one = tenant("one", { limits: { "cpu.cores": 4, "memory.max": 4 * GIB } });
        const others = cpus.map((cpu, at) =>
          tenant(`n${at}`, { limits: { "cpu.cores": 4 }, use: { cpu, memory: GIB } }),
        );
        const node = nodeWith([one, ...others]);
        expect(pressedBy(node, changing(one, { "cpu.cores": cores, "memory.max": memory * MIB }))).toEqual([]);
      }),
    );
  });

  test("and all of it is in the preview's shape", () => {
    const one = tenant("one");
    const node = nodeWith([one, busy("two", 1.9)]);
    const changes = changing(one, { "cpu.cores": 4, "cpu.weight": 10_000 });
    const [headroom, pressed] = [headroomOf(node, changes), pressedBy(node, changes)];
    const nodes = [{ nodeId: "n0000000000", nodeName: "atlas", headroom, pressed }];
    expect(limitsPreviewSchema.parse({ nodes, vps: [] }).nodes[0]?.pressed).toHaveLength(1);
  });
});
