import type { DeploymentPlan, Preflight, Progress, Release } from "@fairway/core";
import { planDeployment, planDifferences, quarantineSentence, scopeOf } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { contractPlanFacts } from "../contracts/contract-plan-facts.ts";
import { digestOf } from "../digest.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { keptOut } from "../duties/held-by-gate.ts";
import { hasJobsFor } from "../migrations/migration-jobs.ts";
import type { MigrationReader } from "../migrations/migration-reader.ts";
import { secretPlanFacts } from "../secrets/secret-plan-facts.ts";
import type { Begun, DeploymentInput } from "./deployment-run.ts";
import type { ReleaseVerification } from "../provenance/release-verification.ts";
import { notes, refusals } from "../provenance/verify-release.ts";
import type { Deployments } from "./deployments.ts";
import type { PlaceParts } from "./place-of.ts";
import { placeOf } from "./place-of.ts";
import { preflightAll } from "./preflight-all.ts";
import { rollUntilDone } from "./roll-until-done.ts";

/**
 * Looks once more, now that the environment is held, at whether what was planned is still what would happen. Where
 * people approved, any difference voids the approval; elsewhere the deployment goes on from what really runs.
 */
export function beginStage(
  parts: PlaceParts & {
    readonly deployments: Deployments;
    readonly verify: ReleaseVerification;
    readonly migrations: MigrationReader;
    readonly duties?: Pick<DutyControl, "decide">;
  },
): Stage {
  return {
    name: "begin",
    async run(attempt: Attempt): Promise<Outcome> {
      const { plan, digest } = attempt.input as unknown as DeploymentInput;
      const release = await parts.releaseOf(plan.release);
      const running = await parts.deployments.current(plan.environment);
      const mixed = await parts.deployments.mixed(plan.environment);
      const now = planDeployment({
        release,
        running,
        environment: plan.environment,
        reason: plan.reason,
        verifiedIn:
          (plan.reason === "rollback" ? await parts.deployments.wasVerifiedIn?.(release.id) : undefined) ??
          (await parts.deployments.verifiedIn(release.id)),
        lostIn: (await parts.deployments.lostIn?.(release.id)) ?? [],
        quarantine: await parts.deployments.quarantine(release.digest),
        mixed,
        only: plan.only,
        remedies: plan.remedies,
        ...(await contractPlanFacts(parts, release, plan.environment)),
        ...(await secretPlanFacts(parts, release.project, plan.environment)),
        ...(plan.reason === "rollback"
          ? { databases: await parts.migrations.back(release, running, plan.environment) }
          : { migrations: await parts.migrations.facts(release, plan.environment) }),
      });
      if (now.obstacles.length > 0) return { outcome: "failed", reason: now.obstacles.join("\n") };
      // What it was approved for it has done; it is tried again for what came after, which is nothing new.
      const carriedThrough =
        running?.id === release.id && (await parts.deployments.currentRun?.(plan.environment)) === attempt.run;
      if (plan.approvals > 0 && !carriedThrough && digestOf(now) !== digest)
        return {
          outcome: "failed",
          reason: [`${whatChanged(plan, now)}; ask for the approval again`, ...planDifferences(plan, now)].join("\n"),
        };
      if (now.approvals > plan.approvals || !hasJobsFor(plan, now))
        return {
          outcome: "failed",
          reason: `what the databases of ${plan.environment} need has changed since it was asked for; ask for it again`,
        };
      const held = carriedThrough ? null : await keptOut(parts.duties, attempt, plan);
      if (held !== null) return { outcome: "failed", reason: held };
      const grown = carriedThrough ? null : approvalTooOld(attempt, Date.now());
      if (grown !== null) return { outcome: "failed", reason: grown };
      attempt.progress("verifying the artifacts");
      const services = await toBeStarted(parts, release, now);
      const findings = await parts.verify(release, services);
      const wrong = refusals(release, findings);
      if (wrong.length > 0) return { outcome: "failed", reason: wrong.join("\n") };
      // What it has carried through already stands in nobody's way.
      const before = carriedThrough ? none : await preflightAll(parts, attempt, now, release);
      if (before.refusals.length > 0) return { outcome: "failed", reason: before.refusals.join("\n") };
      await shutOut(parts, attempt, now, release, running);
      const refused = await attempt.step("record", async () => {
        const quarantine = await parts.deployments.begin(attempt.run, now, digest, running?.id ?? null);
        return quarantine && quarantineSentence(release.id, quarantine);
      });
      if (refused !== null) return { outcome: "failed", reason: refused };
      const summary = [...notes(findings), ...before.warnings].join("; ");
      return {
        outcome: "succeeded",
        result: begunFrom(running?.id ?? null, mixed),
        ...(summary === "" ? {} : { summary }),
      };
    },
  };
}

const none: Preflight = { refusals: [], warnings: [] };

/** An approval that waited for its turn, or for a freeze to end, may have grown old meanwhile. */
function approvalTooOld({ results }: Pick<Attempt, "results">, now: number): string | null {
  const given = results.get("approval") as
    | { readonly by?: readonly string[]; readonly until?: number | null }
    | undefined;
  if (given?.until === undefined || given.until === null || now <= given.until) return null;
  const until = new Date(given.until).toISOString();
  return `the approval of ${given.by?.join(", ")} counted until ${until}, and only now it would begin; ask for it again`;
}

/**
 * Whoever acted for an earlier deployment and was frozen in the middle, and overtaken, may thaw now; from here on it is
 * refused at every service, also at those whose own turn comes later.
 */
async function shutOut(
  parts: PlaceParts,
  attempt: Attempt,
  { environment, rollouts, retired }: DeploymentPlan,
  release: Release,
  running: Release | null,
): Promise<void> {
  const ending = running === null ? [] : retired.map((service) => ({ service, of: running }));
  for (const { service, of } of [...rollouts.map(({ service }) => ({ service, of: release })), ...ending]) {
    const target = parts.places.targetOf(placeOf(parts, of, environment, service), attempt.signal);
    const token = await attempt.token(scopeOf(environment, service));
    const fenced = async (): Promise<Progress> => {
      await target.fence?.(token);
      return { phase: "succeeded" };
    };
    await rollUntilDone(fenced, attempt.progress, attempt.signal);
  }
}

/**
 * The services that something is started of, whose files must be as they were. Where a way back finds all its replicas
 * ready only traffic moves, and reading a large artifact would take longer than all the rest.
 */
async function toBeStarted(parts: PlaceParts, release: Release, plan: DeploymentPlan): Promise<readonly string[]> {
  const { reason, environment, rollouts } = plan;
  const services = rollouts.map(async ({ service, to, replicas }) => {
    if (reason !== "rollback") return [service];
    const there = await parts.places.targetOf(placeOf(parts, release, environment, service)).observe();
    return (there.get(to)?.ready ?? 0) >= replicas ? [] : [service];
  });
  return (await Promise.all(services)).flat();
}

const begunFrom = (from: string | null, mixed: ReadonlyMap<string, Release>): Begun => ({
  from,
  ...(mixed.size === 0 ? {} : { mixed: Object.fromEntries([...mixed].map(([service, { id }]) => [service, id])) }),
});

const whatChanged = (plan: DeploymentPlan, now: DeploymentPlan): string =>
  plan.from === now.from
    ? `what was approved would not happen any more`
    : `what was approved would not happen any more: ${plan.environment} runs ${now.from ?? "nothing"} now, not ${plan.from ?? "nothing"}`;
