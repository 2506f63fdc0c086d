import { setTimeout as wait } from "node:timers/promises";
import type { DeploymentPlan, Millis, PlannedRollout, Preflight, Release, RunId } from "@fairway/core";
import { messageOf, rolloutId } from "@fairway/core";
import { targetOfService } from "./masked-target.ts";
import type { PlaceParts } from "./place-of.ts";
import { isBuiltFirst } from "./preflight-all.ts";

/** What places say of a deployment that is only planned, a sentence each. */
export interface Foreseen {
  /** Why it cannot be done at all. */
  readonly obstacles: readonly string[];
  /** What should be known before anybody says yes. */
  readonly warnings: readonly string[];
}

/** Of which deployment. */
export type ForeseenPlan = Pick<DeploymentPlan, "environment" | "rollouts" | "release" | "reason" | "only">;

export interface ForeseenParts extends PlaceParts {
  /** Whether a deployment is moving an environment now. */
  readonly isMoving: (environment: string) => Promise<boolean>;
  /** A place that does not answer by then is not waited for: a plan is wanted now. */
  readonly patience: Millis;
}

/** A page that shows a plan asks again at each event; so long an answer holds. */
const freshness: Millis = 10_000;

/**
 * Asks the place of every service what it would refuse, so that it is told before people are asked. Changes nothing, may be
 * repeated, and never keeps a plan from being shown: what could not be found out is a warning. The deployment asks again before
 * it begins.
 */
export function foreseen(parts: ForeseenParts): (plan: ForeseenPlan, release: Release) => Promise<Foreseen> {
  const memory = new Map<string, { readonly at: Millis; readonly found: Promise<Preflight> }>();

  function remembered(plan: ForeseenPlan, rollout: PlannedRollout, release: Release): Promise<Preflight> {
    const now = performance.now();
    for (const [key, { at }] of memory) if (now - at > freshness) memory.delete(key);
    // A way back goes at once where a deployment goes in steps, and the same place may refuse only one of them.
    const { service, replicas, strategy } = rollout;
    const key = JSON.stringify([plan.environment, release.id, service, replicas, strategy]);
    const known = memory.get(key);
    if (known !== undefined) return known.found;
    const found = ask(parts, plan, rollout, release);
    memory.set(key, { at: now, found });
    return found;
  }

  return async (plan, release) => {
    const found = await Promise.all(
      plan.rollouts.map(async (rollout) => ({
        service: rollout.service,
        said: await remembered(plan, rollout, release),
      })),
    );
    const told = (which: (said: Preflight) => readonly string[]): readonly string[] =>
      named(found.flatMap(({ service, said }) => which(said).map((sentence) => ({ service, sentence }))));
    const lasting = told(({ refusals, forNow = [] }) => refusals.filter((sentence) => !forNow.includes(sentence)));
    const forNow = told((said) => said.forNow ?? []);
    const warnings = told((said) => said.warnings);
    // What moves now is what stands in the way: it will have ended when this begins.
    const held = forNow.length > 0 && !(await parts.isMoving(plan.environment)) ? forNow : [];
    return isBuiltFirst(plan, release)
      ? { obstacles: [], warnings: [...lasting, ...held, ...warnings] }
      : { obstacles: lasting, warnings: [...held, ...warnings] };
  };
}

/** Each sentence once, after the names of the services that it is said of. */
function named(said: readonly { readonly service: string; readonly sentence: string }[]): readonly string[] {
  const of = new Map<string, string[]>();
  for (const { service, sentence } of said) of.set(sentence, [...(of.get(sentence) ?? []), service]);
  return [...of].map(([sentence, services]) => `${services.join(", ")}: ${sentence}`);
}

/** What one place says; it never throws. */
async function ask(
  parts: ForeseenParts,
  { environment }: ForeseenPlan,
  { service, to, replicas, strategy }: PlannedRollout,
  release: Release,
): Promise<Preflight> {
  const settled = new AbortController();
  const unknown = (why: string): Preflight => ({
    refusals: [],
    warnings: [`what stands in the way could not be found out: ${why}`],
  });
  try {
    const target = targetOfService(parts, release, environment, service, settled.signal);
    if (target.preflight === undefined) return { refusals: [], warnings: [] };
    const asked = target.preflight({ id: idOfNone(service), environment, service, to, desired: replicas, strategy });
    const found = await Promise.race([asked, wait(parts.patience, null, { signal: settled.signal })]);
    return found ?? unknown(`no answer within ${parts.patience / 1000} s`);
  } catch (thrown) {
    return unknown(messageOf(thrown));
  } finally {
    settled.abort();
  }
}

/** Of a rollout that no run has: nothing that stands there is its own. */
const idOfNone = (service: string): ReturnType<typeof rolloutId> => rolloutId("plan" as RunId, service);
