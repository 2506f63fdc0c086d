import type { EventShape, Run, Status } from "@fairway/api";
import type { ReleaseId, RunId } from "@fairway/core";
import { FairwayError, codeOf, messageOf } from "@fairway/core";
import type { EngineEvent, RunDetail, RunFilter } from "@fairway/engine";
import {
  countOpenRuns,
  listDeployments,
  listReleases,
  nextRuns,
  oldestEvent,
  quarantineOf,
  quarantinesOf,
  releaseById,
  resultsOf,
  verifiedIn,
  verifiedInOf,
} from "@fairway/engine";
import { certificateProblems } from "../certificates.ts";
import { assertRoom, lackOfRoom } from "../disk-room.ts";
import type { EnvironmentParts } from "../environments.ts";
import { environmentNow, environmentsByRelease, environmentsNow } from "../environments.ts";
import type { LogParts } from "../logs.ts";
import { logFile } from "../log-download.ts";
import { marksOfLog, searchLog } from "../log-search.ts";
import { logLines, logWindow } from "../logs.ts";
import { analysisHandlers } from "./analysis-handlers.ts";
import { checksView } from "./check-views.ts";
import { approvalHandlers } from "./approval-handlers.ts";
import { auditHandlers } from "./audit-handlers.ts";
import { backupHandlers } from "./backup-handlers.ts";
import { dutyHandlers } from "./duty-handlers.ts";
import { flagHandlers } from "./flag-handlers.ts";
import { contentHandlers } from "./content-handlers.ts";
import { contractHandlers } from "./contract-handlers.ts";
import { doraHandlers } from "./dora-handlers.ts";
import { accessHandlers } from "./access-handlers.ts";
import { controllerHandlers } from "./controller-handlers.ts";
import { homeHandlers } from "./home-handlers.ts";
import { gateHandlers, tellingDifferences } from "./gate-handlers.ts";
import { noticeHandlers } from "./notice-handlers.ts";
import type { Handlers } from "./http-server.ts";
import { loginHandlers } from "./login-handlers.ts";
import type { MachineHandlerParts } from "./machine-handlers.ts";
import { machineHandlers } from "./machine-handlers.ts";
import { migrationHandlers } from "./migration-handlers.ts";
import { endingView, outcomeHandlers } from "./outcome-handlers.ts";
import type { ReleaseHandlerParts } from "./release-handlers.ts";
import { previewHandlers } from "./preview-handlers.ts";
import { releaseHandlers } from "./release-handlers.ts";
import { checkHandlers } from "./check-handlers.ts";
import { journeyHandlers } from "./journey-handlers.ts";
import { accessReviewHandlers } from "./access-review-handlers.ts";
import { dutyRunHandlers } from "./duty-run-handlers.ts";
import { incidentHandlers } from "./incident-handlers.ts";
import { infrastructureHandlers, unknownInfrastructure } from "./infrastructure-handlers.ts";
import { assertMayRetry, rollbackHandlers } from "./rollback-handlers.ts";
import type { People } from "../people/people.ts";
import { peopleHandlers } from "./people-handlers.ts";
import { secretHandlers } from "./secret-handlers.ts";
import { tokenHandlers } from "./token-handlers.ts";
import { triggerHandlers } from "./trigger-handlers.ts";
import { planView, quarantineNote, releaseView, runSummaryView, runView } from "./views.ts";

export interface HandlerParts extends EnvironmentParts, LogParts, MachineHandlerParts, ReleaseHandlerParts {
  /** What does not change while the daemon runs. */
  readonly about: {
    readonly version: string;
    readonly startedAt: string;
    readonly repository: string;
    readonly dataDirectory: string;
    readonly url: () => string;
    readonly routerUrl: string;
  };
  /** What is wrong with the daemon or its machine now, as sentences. */
  readonly problems: () => Promise<readonly string[]>;
  readonly people: People;
  /** Whether an identity provider is configured. */
  readonly identityProvider: boolean;
  /** Where the key that seals secrets lies, in words. */
  readonly keyPlace: string;
}

/** What each operation of the contract does. */
export function handlers(parts: HandlerParts): Handlers {
  const { store, control, about } = parts;
  const { engine, plane } = control;

  const detail = async (id: string): Promise<RunDetail> => engine.run(id as RunId);
  const show = async (id: string): Promise<Run> => {
    const asked = detail(id);
    const [run, next, locks, [deployment]] = await Promise.all([
      asked,
      nextRuns(store, [id as RunId]),
      engine.locks(),
      // After the run: one that is shown as ended is shown with all of how its deployment did.
      asked.then(() => listDeployments(store, { run: id as RunId, limit: 1 })),
    ]);
    return { ...runView(run, next.get(id as RunId) ?? [], locks), outcome: endingView(deployment) };
  };
  const summaries = async (filter: RunFilter): Promise<ReturnType<typeof runSummaryView>[]> => {
    const runs = await engine.runs(filter);
    const next = await nextRuns(
      store,
      runs.map(({ id }) => id),
    );
    return runs.map((run) => runSummaryView(run, next.get(run.id) ?? []));
  };
  /** The newest runs that go on, and how many there are; they are counted only where not all are told. */
  const openRuns = async (limit: number) => {
    const active = await summaries({ open: true, limit });
    return { active, open: active.length < limit ? active.length : Math.max(await countOpenRuns(store), limit) };
  };
  return {
    status: async () => {
      const { version, startedAt, repository, dataDirectory, routerUrl } = about;
      const configured = parts.project();
      const [project, environments, { active, open }, router, lack, ...problems] = await Promise.all([
        configured,
        environmentsNow(parts, configured),
        openRuns(50),
        routerNow(parts),
        lackOfRoom(dataDirectory),
        parts.problems(),
        control.notices.problems(),
        control.reports.problems(),
        unknownInfrastructure(store),
      ]);
      return {
        version,
        pid: process.pid,
        startedAt,
        project: project.name,
        repository,
        dataDirectory,
        url: about.url(),
        routerUrl,
        environments,
        active,
        open,
        certificates: router.certificates,
        problems: [...problems.flat(), ...router.problems, ...(lack ? [lack] : [])],
      };
    },
    environments: () => environmentsNow(parts),
    releases: async ({ limit, before, sha }) => {
      const [running, releases] = await Promise.all([
        environmentsByRelease(parts),
        listReleases(store, { limit, sha, before: numberIn(before) }),
      ]);
      const [verified, quarantines] = await Promise.all([
        verifiedInOf(
          store,
          releases.map(({ id }) => id),
        ),
        quarantinesOf(
          store,
          releases.map(({ digest }) => digest),
        ),
      ]);
      return releases.map((release) =>
        releaseView(
          release,
          verified.get(release.id) ?? [],
          running.get(release.id) ?? [],
          quarantineNote(quarantines.get(release.digest) ?? null),
        ),
      );
    },
    release: async ({ release }) => {
      const found = await releaseById(store, release as ReleaseId);
      return releaseView(
        found,
        await verifiedIn(store, found.id),
        (await environmentsByRelease(parts)).get(found.id) ?? [],
        quarantineNote(await quarantineOf(store, found.digest)),
      );
    },
    ...homeHandlers(parts),
    ...approvalHandlers(parts),
    ...contractHandlers(parts),
    ...doraHandlers(parts),
    ...loginHandlers(parts.people, parts.identityProvider),
    ...peopleHandlers(parts.people),
    ...tokenHandlers(parts.people),
    ...releaseHandlers(parts),
    ...analysisHandlers(store, control),
    ...gateHandlers(parts),
    ...dutyHandlers(parts),
    ...backupHandlers(parts),
    ...accessReviewHandlers({ store, duties: control.duties }),
    ...dutyRunHandlers({ runs: control.dutyRuns, duties: control.duties }, show),
    ...incidentHandlers(control.incidents, parts.project),
    ...contentHandlers(parts),
    ...noticeHandlers(control),
    ...secretHandlers({ secrets: control.secrets, keyPlace: parts.keyPlace, project: parts.project }),
    ...auditHandlers(control.audit, store),
    ...flagHandlers({ flags: control.flags, project: parts.project, url: about.url }),
    makeRelease: async ({ ref, by, deploy, uncommitted }) => {
      await assertRoom(about.dataDirectory);
      return show(await plane.makeRelease({ ref, by, deploy, uncommitted }));
    },
    runWorkflow: async ({ file, ref, by, job, event, uncommitted }) => {
      await assertRoom(about.dataDirectory);
      const started = await control.startWorkflow({ file, ref, by, job, event, uncommitted });
      return { run: started.run === null ? null : await show(started.run), reason: started.reason };
    },
    plan: async ({ environment, release, rollback }) =>
      planView(
        await (rollback === "true" ? plane.rollbacks : plane).plan({
          environment,
          release: (release ?? null) as ReleaseId | null,
        }),
      ),
    deploy: async ({ environment, release, promote, by, remedies }) => {
      await assertRoom(about.dataDirectory);
      if (promote) await assertPromotes(parts, environment);
      return show(await plane.deploy({ environment, release: release as ReleaseId | null, by, remedies }));
    },
    ...outcomeHandlers(parts, show),
    ...rollbackHandlers(parts, show),
    ...checkHandlers(parts, show),
    ...journeyHandlers(parts),
    ...infrastructureHandlers(parts, show),
    ...migrationHandlers(control.migrations),
    ...triggerHandlers(control.triggers),
    ...previewHandlers(control.previews),
    ...accessHandlers(parts),
    ...controllerHandlers(parts),
    runs: ({ limit, active, before, kind, state, env, who, text }) =>
      summaries({
        ...{ limit, kind, state, text },
        open: active === "true" ? true : undefined,
        before: numberIn(before),
        environment: env,
        by: who,
      }),
    run: ({ run }) => show(run),
    checks: async ({ run }) =>
      checksView(await detail(run), await resultsOf(store, run as RunId, ["check", "workflow-job"])),
    approve: async ({ run, by, answer, digest, note, names }) => {
      const answered = { by, answer, digest, note, names };
      await tellingDifferences(parts, run as RunId, () => engine.approve(run as RunId, answered));
      return show(run);
    },
    retry: async ({ run, by, done }) => {
      await assertRoom(about.dataDirectory);
      await assertMayRetry(store, await detail(run));
      await engine.retry(run as RunId, { by, done });
      return show(run);
    },
    logs: (query, { signal }) => logLines(parts, query, signal),
    logSearch: (query, { signal }) => searchLog(parts, query, signal),
    logMarks: (query, { signal }) => marksOfLog(parts, query, signal),
    logFile: (query, { signal }) => logFile(parts, query, signal),
    logWindow: (query) => logWindow(parts, query),
    events: ({ after, run }, { signal }) => events(parts, after, run, signal),
    ...machineHandlers(parts),
  };
}

/** The number in `run-17` and `r42`, by which pages go on. */
const numberIn = (id: string | undefined): number | undefined =>
  id === undefined ? undefined : Number(/\d+$/.exec(id)?.[0]);

/** A router that does not answer is a problem among others. */
async function routerNow({ router }: HandlerParts): Promise<Pick<Status, "certificates" | "problems">> {
  try {
    const { certificates } = await router.status();
    return { certificates, problems: certificateProblems(certificates, Date.now()) };
  } catch (thrown) {
    if (codeOf(thrown) !== "router_unavailable") throw thrown;
    return { certificates: [], problems: [messageOf(thrown)] };
  }
}

/** A promotion needs an environment before. */
async function assertPromotes(parts: EnvironmentParts, name: string): Promise<void> {
  const { promotesFrom } = await environmentNow(parts, name);
  if (promotesFrom === null)
    throw new FairwayError("not_allowed_now", `${name} takes from no other environment`, {
      hint: `use: fairway deploy ${name}`,
    });
}

async function* events(
  { control, store }: HandlerParts,
  after: number | undefined,
  run: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<EventShape, void, undefined> {
  const oldest = after === undefined ? null : await oldestEvent(store);
  if (after !== undefined && oldest !== null && after < oldest - 1)
    yield { seq: oldest - 1, at: new Date().toISOString(), kind: "events.forgotten", subject: "events", body: {} };
  const all: AsyncIterable<EngineEvent> = control.engine.events({ ...(after === undefined ? {} : { after }), signal });
  for await (const { seq, at, kind, subject, body } of all)
    if (run === undefined || subject === run) yield { seq, at, kind, subject, body: body as Record<string, unknown> };
}
