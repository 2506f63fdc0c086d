import type { Digest } from "../ids.ts";
import { staticServerProgram } from "../project/static-site.ts";
import type { ReleaseManifest } from "../release/manifest.ts";
import type { Release } from "../release/release.ts";
import type { Millis } from "../units.ts";
import type { DeploymentPlan } from "./plan.ts";

/**
 * How a part of a release goes back. *flip*: what came before still runs, and only traffic moves. *redeploy*: it is
 * started again. *compensate*: what was done is made good by doing something else. *irreversible*: it stays as it is.
 */
export type RollbackWay = "flip" | "redeploy" | "compensate" | "irreversible";

/** Everything but services that a release may bring with it. */
export type RollbackSlotKind = "flags" | "contracts" | "database" | "infrastructure";

/** One part of an environment on its way back. */
export interface RollbackPart {
  readonly name: string;
  readonly kind: "service" | "static" | RollbackSlotKind;
  readonly way: RollbackWay;
  /** As such moves took here before; null before the first. */
  readonly expected: Millis | null;
  /** What there is to know about it; null when the way says it all. */
  readonly note: string | null;
}

/** A part that is no service and that differs between the release that runs and the one that comes back. */
export interface RollbackSlot {
  readonly kind: RollbackSlotKind;
  /** The service, or the contract; the kind itself where there is one of it. */
  readonly name: string;
  readonly from: Digest | null;
  readonly to: Digest | null;
}

/**
 * What whoever looks after such parts says of one; null where it has nothing to say. A refusal keeps the environment where it
 * is.
 */
export type RollbackVerdict = (slot: RollbackSlot) => {
  readonly way: RollbackWay;
  readonly expected: Millis | null;
  readonly note: string;
  readonly refused?: string;
} | null;

/** What must be known to say how an environment goes back. */
export interface RollbackFacts {
  readonly plan: DeploymentPlan;
  readonly from: Release | null;
  readonly to: Release;
  /** By service: how many replicas of the release that comes back are ready there, or why nobody knows. */
  readonly ready: ReadonlyMap<string, number | { readonly unknown: string }>;
  /** How long such a move of a service took here before. */
  readonly expected: (service: string, way: "flip" | "redeploy") => Millis | null;
  readonly verdict: RollbackVerdict;
}

/** How an environment goes back: each part in the order in which it does. */
export interface RollbackPlan {
  readonly parts: readonly RollbackPart[];
  /** Until all of it is back; null while that of a part is not known. */
  readonly expected: Millis | null;
  /** Parts that would not survive the way back, each a sentence. */
  readonly refused: readonly string[];
}

/** Says how each part of an environment goes back, and how long that takes. */
export function planRollback(facts: RollbackFacts): RollbackPlan {
  const { plan, from, to } = facts;
  const services = plan.rollouts.map(({ service, replicas }) => servicePart(facts, service, replicas));
  const slots = slotsOf(from?.manifest, to.manifest, plan.only).flatMap((slot) => {
    const said = facts.verdict(slot);
    return said === null ? [] : [{ slot, said }];
  });
  const others = slots.map(({ slot: { name, kind }, said: { way, expected, note } }) => ({
    name,
    kind,
    way,
    expected,
    note,
  }));
  const parts = [
    ...others.filter(({ kind }) => kind === "flags"),
    ...services,
    ...others.filter(({ kind }) => kind !== "flags"),
  ];
  return {
    parts,
    expected: inAll([longestChain(plan, services), ...others.map(({ expected }) => expected)]),
    refused: slots.flatMap(({ said: { refused } }) => refused ?? []),
  };
}

function servicePart({ to, ready, expected }: RollbackFacts, name: string, replicas: number): RollbackPart {
  const found = ready.get(name) ?? 0;
  const way = typeof found === "number" && found >= replicas ? "flip" : "redeploy";
  const run = to.project.services.find((service) => service.name === name)?.run;
  return {
    name,
    kind: run?.[0] === staticServerProgram ? "static" : "service",
    way,
    expected: expected(name, way),
    note: typeof found === "number" ? null : `could not look at what runs: ${found.unknown}`,
  };
}

/** What differs, in the reverse of the order in which a release brings it. */
function slotsOf(
  from: ReleaseManifest | undefined,
  to: ReleaseManifest | undefined,
  only: readonly string[] | undefined,
): readonly RollbackSlot[] {
  const each = (
    kind: RollbackSlotKind,
    before: Readonly<Record<string, Digest>> = {},
    after: Readonly<Record<string, Digest>> = {},
  ): readonly RollbackSlot[] =>
    [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .toSorted()
      .map((name) => ({ kind, name, from: before[name] ?? null, to: after[name] ?? null }));
  const one = (kind: "flags" | "infrastructure"): RollbackSlot => ({
    kind,
    name: kind,
    from: from?.[kind] ?? null,
    to: to?.[kind] ?? null,
  });
  const databases = each("database", from?.migrations, to?.migrations);
  // Single services take only what is their own along.
  const slots =
    only === undefined
      ? [one("flags"), ...each("contracts", from?.contracts, to?.contracts), ...databases, one("infrastructure")]
      : databases.filter(({ name }) => only.includes(name));
  return slots.filter((slot) => slot.from !== slot.to);
}

/** Services without a dependency between them go back at the same time. */
function longestChain({ rollouts }: DeploymentPlan, parts: readonly RollbackPart[]): Millis | null {
  const own = new Map(parts.map(({ name, expected }) => [name, expected]));
  const until = new Map<string, Millis | null>();
  for (const { service, after } of rollouts) {
    const before = after.map((name) => until.get(name) ?? null);
    const known = before.filter((time) => time !== null);
    const mine = own.get(service) ?? null;
    until.set(service, mine === null || known.length < before.length ? null : mine + Math.max(0, ...known));
  }
  const all = [...until.values()];
  return all.includes(null) ? null : Math.max(0, ...all.filter((time) => time !== null));
}

const inAll = (times: readonly (Millis | null)[]): Millis | null =>
  times.reduce<Millis | null>((sum, time) => (sum === null || time === null ? null : sum + time), 0);
