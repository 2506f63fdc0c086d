import type { Release, ReleaseId, RunId, Sha } from "@fairway/core";
import {
  branchOf,
  codeOf,
  decideTriggeredDeployment,
  environmentOf,
  isTerminal,
  messageOf,
  tagOf,
} from "@fairway/core";
import { eventOf } from "../store/deliveries.ts";
import { lastCarriedThrough, verifiedIn } from "../store/deployments.ts";
import { nextRunKey } from "../store/next-runs.ts";
import { quarantineOf } from "../store/quarantine.ts";
import { releaseById } from "../store/releases.ts";
import type { Sql } from "../store/store.ts";
import type { Firing, FiringOutcome } from "../store/trigger-firings.ts";
import type { CarryOutParts } from "./carry-out-parts.ts";
import { commitOf, keyOf, requester, started } from "./carry-out-parts.ts";
import { ofWorkflowFile, workflow } from "./carry-out-workflow.ts";

/** Nothing is waited for longer. */
const longestWait = 24 * 3_600_000;
const mostTries = 20;

/**
 * Starts what a trigger that has fired starts, or says why not, or what it waits for. May be repeated at any point: runs are
 * started by keys of the firing, so there is one however often this is killed. Throws nothing but that the database is away.
 */
export async function carryOut(parts: CarryOutParts, firing: Firing): Promise<FiringOutcome> {
  try {
    const outcome = await decide(parts, firing);
    const since = Date.now() - Date.parse(firing.firedAt);
    return outcome.state === "waiting" && since > longestWait
      ? { ...outcome, state: "declined", why: `${outcome.why}; nobody waits for it any more` }
      : outcome;
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "database_unavailable" || code === "disk_full") throw thrown;
    const problems = thrown instanceof Error && "problems" in thrown ? (thrown.problems as readonly string[]) : [];
    const why = [messageOf(thrown), ...problems].join("\n");
    const mayPass = thrown instanceof Error && "retryable" in thrown && thrown.retryable === true;
    if (mayPass && firing.tries < mostTries) return { state: "pending", why, run: null };
    const isNo = code === "not_allowed_now" || code === "quarantined";
    return { state: isNo ? "declined" : "failed", why, run: null };
  }
}

async function decide(parts: CarryOutParts, firing: Firing): Promise<FiringOutcome> {
  const { request } = firing;
  if (request.source === "workflow") return ofWorkflowFile(parts, firing, request.file);
  const { starts } = request.trigger;
  switch (starts.kind) {
    case "release": {
      const run = await makeRelease(parts, firing, starts.deploy);
      return started(run, firing.why);
    }
    case "deploy":
      return deploy(parts, firing, starts.environment);
    case "verify":
      return verify(parts, firing, starts.environment);
    case "plan":
      return planStacks(parts, firing, starts.environment);
    case "workflow":
      return workflow(parts, firing, starts, request.inputs);
  }
}

async function makeRelease(parts: CarryOutParts, firing: Firing, deployTo: boolean): Promise<RunId> {
  const resolved = await parts.repository.resolve(commitOf(parts, firing));
  const [branch, tag] = [branchOf(firing.ref ?? ""), tagOf(firing.ref ?? "")];
  const revision = {
    ...resolved,
    ref: tag ?? branch ?? resolved.ref,
    ...(tag === null ? {} : { isTag: true as const }),
  };
  return parts.plane.makeRelease({
    ref: resolved.sha,
    revision,
    by: requester(firing),
    deploy: deployTo,
    uncommitted: "ignore",
    key: keyOf(firing, "release"),
    asker: firing.asked ?? {},
  });
}

async function deploy(parts: CarryOutParts, firing: Firing, environment: string): Promise<FiringOutcome> {
  const sha = commitOf(parts, firing);
  const mine = firing.run === null ? null : await parts.engine.run(firing.run);
  const release = await releaseOfCommit(parts.sql, sha);
  if (mine !== null && isTerminal(mine.state) && release === null)
    return { state: "failed", why: `${mine.id} made no release: it ${mine.state}`, run: mine.id };
  const project = release?.project ?? parts.read?.project;
  const target = project && environmentOf(project, environment);
  if (project === undefined || target === undefined)
    return { state: "failed", why: `there is no environment "${environment}"`, run: null };
  const decided = decideTriggeredDeployment({
    environment,
    sha,
    promotesFrom: target.promotesFrom,
    release: release && {
      id: release.id,
      verifiedIn: await verifiedIn(parts.sql, release.id),
      inQuarantine: (await quarantineOf(parts.sql, release.digest)) !== null,
    },
    inTheMaking: mine !== null || (await isInTheMaking(parts.sql, sha)),
    sourceProblems: await parts.sourceProblems(project, environment, sha),
    overtakenBy: await overtakenBy(parts, firing, sha, environment),
  });
  switch (decided.decision) {
    case "no":
      return { state: "declined", why: decided.why, run: null };
    case "wait":
      return { state: "waiting", why: `waits: ${decided.until}`, run: null };
    case "release": {
      const run = await makeRelease(parts, firing, true);
      return { state: "waiting", why: `waits: ${run} makes a release of it`, run };
    }
    case "deploy": {
      const key = mine === null ? keyOf(firing, "deploy") : nextRunKey(mine.id, environment);
      const asker = firing.asked ?? {};
      const run = await parts.plane.deploy({
        environment,
        release: decided.release,
        by: requester(firing),
        key,
        asker,
      });
      return started(run, `${decided.release} goes to ${environment}`);
    }
  }
}

/** The newer commit that is there already: at the branch, when this is looked at first, or in the environment. */
async function overtakenBy(
  { sql, history }: CarryOutParts,
  { ref, state, run }: Firing,
  sha: Sha,
  environment: string,
): Promise<Sha | null> {
  if (ref !== null && branchOf(ref) !== null && state === "pending" && run === null) {
    const tip = await history.tip(ref);
    if (tip !== null && tip !== sha) return tip;
  }
  const live = await lastCarriedThrough(sql, environment);
  if (live === null) return null;
  const { revision } = await releaseById(sql, live.release);
  return revision.sha !== sha && (await history.isAncestor(sha, revision.sha)) ? revision.sha : null;
}

async function releaseOfCommit(sql: Sql, sha: Sha): Promise<Release | null> {
  const [row] = await sql.rows<{ id: ReleaseId }>(
    "select id from fairway.releases where sha = $1 and preview is null order by number desc limit 1",
    [sha],
  );
  return row === undefined ? null : releaseById(sql, row.id);
}

async function isInTheMaking(sql: Sql, sha: Sha): Promise<boolean> {
  const found = await sql.rows(
    `select 1 from fairway.runs where kind = 'release' and ended_at is null and subject->'revision'->>'sha' = $1
       and subject->>'preview' is null limit 1`,
    [sha],
  );
  return found.length > 0;
}

async function verify(parts: CarryOutParts, firing: Firing, environment: string): Promise<FiringOutcome> {
  const live = await lastCarriedThrough(parts.sql, environment);
  if (live === null) return { state: "declined", why: `${environment} runs nothing yet`, run: null };
  const run = await parts.checks.verify({ environment, checks: null, by: requester(firing) }, keyOf(firing, "verify"));
  return started(run, `${live.release} is verified in ${environment}`);
}

/** Planning runs the code of the commit with what its providers sign in with: a stranger's is not planned. */
async function planStacks(parts: CarryOutParts, firing: Firing, environment: string): Promise<FiringOutcome> {
  const event = firing.document === null ? null : await eventOf(parts.sql, firing.document);
  if (event?.kind === "pull-request" && event.fromFork)
    return { state: "declined", why: "it comes from a fork, which is given no secrets to plan with", run: null };
  const request = { environment, of: commitOf(parts, firing), by: requester(firing) };
  try {
    return started(await parts.infrastructure.plan(request, keyOf(firing, "plan")), firing.why);
  } catch (thrown) {
    if (codeOf(thrown) !== "not_found") throw thrown;
    return { state: "declined", why: messageOf(thrown), run: null };
  }
}
