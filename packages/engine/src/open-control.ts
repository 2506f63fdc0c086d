import { availableParallelism } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import type {
  Digest,
  FairwayError,
  ImageBuilder,
  KeylessSigner,
  Millis,
  OpenRegistry,
  Project,
  Release,
  ReleaseId,
  Repository,
  RollbackVerdict,
  SecretSource,
} from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { DataDirectory } from "./data-directory.ts";
import { compressLogs, sweepAtStart, tidy } from "./housekeeping.ts";
import type { ControlPlane } from "./promotions/control-plane.ts";
import { controlPlane } from "./promotions/control-plane.ts";
import { rollbackParts } from "./promotions/rollback-parts.ts";
import type { CommandUser } from "./commands/run-as.ts";
import { attachProofs } from "./images/attach-proofs.ts";
import { tidyImages } from "./images/tidy-images.ts";
import { jobPlaceOf } from "./workflows/job-place.ts";
import { signKeyless } from "./provenance/sign-keyless.ts";
import { signRelease } from "./provenance/sign-release.ts";
import { signingKey } from "./provenance/signing-key.ts";
import type { ReleaseVerification } from "./provenance/release-verification.ts";
import { releaseVerification } from "./provenance/release-verification.ts";
import { beginStage } from "./rollouts/begin.ts";
import { finishStage } from "./rollouts/finish.ts";
import type { FlagControl } from "./flags/flag-control.ts";
import { builtInFlags, openFlags } from "./flags/flag-control.ts";
import type { OpenFlagSource } from "./flags/project-flag-source.ts";
import { projectFlagSource } from "./flags/project-flag-source.ts";
import { recordFlags } from "./flags/record-flags.ts";
import { flagSteps } from "./flags/step-flags.ts";
import { flagVariables } from "./flags/flag-variables.ts";
import type { Quiet } from "./rollouts/keeper.ts";
import { keeper } from "./rollouts/keeper.ts";
import type { Places } from "./rollouts/places.ts";
import { restoreStage } from "./rollouts/restore.ts";
import { retireStage } from "./rollouts/retire.ts";
import { rolloutStage } from "./rollouts/rollout.ts";
import { verifyStage } from "./rollouts/verify.ts";
import { recordsEndsOf } from "./runs/ending-runs.ts";
import { decidesAbout } from "./runs/growing-runs.ts";
import type { Engine } from "./runs/engine.ts";
import { openEngine } from "./runs/engine.ts";
import type { Parting } from "./runs/parting.ts";
import type { Stage } from "./runs/stage.ts";
import { buildStage } from "./stages/build.ts";
import { checkStage } from "./stages/check.ts";
import type { CommandParts } from "./stages/step-command.ts";
import { prepareStage } from "./stages/prepare.ts";
import { releaseStage } from "./stages/release.ts";
import { asJson } from "./stages/release-run.ts";
import { deploymentsIn, lastCarriedThrough, mixedServices } from "./store/deployments.ts";
import { recordEnd } from "./store/deployment-ends.ts";
import { documentOf, keepDocument } from "./store/documents.ts";
import { leftWarm } from "./store/left-warm.ts";
import { rememberKey } from "./store/signing-keys.ts";
import { quarantineOfMade } from "./promotions/quarantine-of-made.ts";
import { raiseFences } from "./store/environment-locks.ts";
import { nextRunKey } from "./store/next-runs.ts";
import { listReleases, releaseById, releasesIn } from "./store/releases.ts";
import { keepSetting, setting } from "./store/settings.ts";
import { patientStore } from "./store/patient-store.ts";
import type { Store } from "./store/store.ts";
import { untilAnswered } from "./store/store.ts";
import { decideWorkflowJobs } from "./workflows/decide-jobs.ts";
import type { WorkflowRequest, WorkflowStart } from "./workflows/start-workflow.ts";
import { startWorkflow } from "./workflows/start-workflow.ts";
import type { WorkflowParts } from "./workflows/workflow-job.ts";
import { workflowJob } from "./workflows/workflow-job.ts";

export interface ControlOptions {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Repository;
  readonly secrets: SecretSource;
  readonly places: Places;
  /** What jobs of workflows may ask of the daemon: identity tokens, caches. */
  readonly jobServices?: WorkflowParts["services"];
  /** What checks and builds find their caches by. */
  readonly toolCaches?: CommandParts["toolCaches"];
  /** Builds the images of services that run in containers; left out where no engine is configured. */
  readonly images?: ImageBuilder | undefined;
  /** Speaks to the registries that images go through; left out where no plugin does. */
  readonly openRegistry?: OpenRegistry | undefined;
  /** Signs releases by who somebody is; left out where no plugin does. */
  readonly keylessSigner?: KeylessSigner | undefined;
  /** Reads feature flags that a team keeps elsewhere; left out where no plugin does. */
  readonly openFlagSource?: OpenFlagSource | undefined;
  /** Containers for the jobs of workflows; left out where no engine is configured. */
  readonly jobContainers?: WorkflowParts["containers"];
  /** Whom the jobs of workflows run as; whoever the daemon is when left out. Only root may say so. */
  readonly stepsUser?: CommandUser | undefined;
  /** What becomes of parts that are no services when an environment goes back; nothing is said of them when left out. */
  readonly rollbackVerdict?: RollbackVerdict;
  /** Of Fairway, for the record. */
  readonly version: string;
  /** Where the daemon answers, once it does: services ask there for feature flags. */
  readonly url: Promise<string>;
  /** Others have taken over from this process, which must end. */
  readonly onLost: (error: FairwayError) => void;
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string) => void;
}

/** The engine with everything that Fairway does on it. */
export interface Control {
  readonly engine: Engine;
  readonly plane: ControlPlane;
  /** The newest configuration that a release was made of, or null before the first. */
  project(): Promise<Project | null>;
  /** Looks at whether a release is still what was signed. */
  readonly verify: ReleaseVerification;
  /** The built-in feature flags. */
  readonly flags: FlagControl;
  /** The key that releases are signed with now. */
  readonly signedBy: string;
  /** Starts a workflow, or says why its event starts none. */
  startWorkflow(request: WorkflowRequest): Promise<WorkflowStart>;
  /** Services that do not run as they should and when they are tried again, a sentence for each. */
  troubles(): readonly string[];
  /** Stops claiming work, lets go of what runs, and looks after services no longer. Everything goes on at the next start. */
  close(how?: Parting): Promise<void>;
}

/** Between two looks at every service. */
const keepEvery: Millis = 1000;
const tidyEvery: Millis = 60 * 60 * 1000;
const compressEvery: Millis = 60 * 1000;
const projectSetting = "project";

/** Opens the engine and begins to do what is in its database. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const { store, data, repository, secrets, places, log, version, stepsUser } = options;
  const closing = new AbortController();
  // What a run does waits while the database is away; what a person asks is refused then.
  const patient = patientStore(store, closing.signal);
  const deployments = deploymentsIn(patient);
  const releases = releasesIn(patient);
  const releaseOf = remembered((id: ReleaseId) => releaseById(patient, id));
  // A place that the user cannot reach is told at the start, and not by every job.
  if (stepsUser !== undefined) await jobPlaceOf(data, stepsUser);
  const key = await signingKey(data.signing);
  const imageParts = { secrets, images: options.images, openRegistry: options.openRegistry };
  const verify = releaseVerification(patient, data, imageParts, options.keylessSigner);
  const commandParts: CommandParts = { data, secrets, toolCaches: options.toolCaches };
  let tellFlags: (flags: FlagControl) => void = () => undefined;
  const flagsOpened = new Promise<FlagControl>((resolve) => (tellFlags = resolve));
  const placeParts = {
    data,
    secrets,
    places,
    releaseOf,
    deployments,
    repository,
    flagVariables: flagVariables(flagsOpened, options.url),
    flagSteps: flagSteps(flagsOpened),
  };
  // Recovered attempts begin inside `openEngine`, before there is a control plane; what needs it waits.
  let tellPlane: (plane: ControlPlane) => void = () => undefined;
  const planeOpened = new Promise<ControlPlane>((resolve) => (tellPlane = resolve));
  const recordAll = (of: Project): Promise<Digest | null> =>
    recordFlags(projectFlagSource(of, builtInFlags(patient), secrets, options.openFlagSource), of, (body) =>
      keepDocument(patient, body),
    );
  const stages: readonly Stage[] = [
    prepareStage(placeParts),
    checkStage(commandParts),
    buildStage({
      ...placeParts,
      ...commandParts,
      ...imageParts,
      keepDocument: (body) => keepDocument(patient, body),
      source: async () => {
        const { url, name } = await repository.identity();
        return url ?? name;
      },
    }),
    releaseStage({
      data,
      releases,
      quarantine: (made) => quarantineOfMade(patient, made),
      sign: (made, making) => signRelease({ key, secrets, flags: recordAll, version }, made, making),
      signKeyless: (signed) => signKeyless({ signer: options.keylessSigner, secrets }, signed),
      attach: (signed) =>
        attachProofs({ ...imageParts, documentOf: (digest) => documentOf(patient, digest) }, signed.release, signed),
      deployAutomatically: async (release, environment, run, by) => {
        const plane = await planeOpened;
        const key = nextRunKey(run, environment);
        await untilAnswered(() => plane.deploy({ environment, release: release.id, by, key }), closing.signal);
      },
    }),
    beginStage({ ...placeParts, verify }),
    rolloutStage({ ...placeParts, store: patient }),
    verifyStage(placeParts),
    restoreStage(placeParts),
    finishStage(placeParts),
    retireStage(placeParts),
    workflowJob({
      sql: patient,
      data,
      repository,
      secrets,
      services: options.jobServices,
      // Whoever may speak to a container engine is root in all but name.
      containers: stepsUser === undefined ? options.jobContainers : undefined,
      user: stepsUser,
    }),
  ];
  decidesAbout("workflow", decideWorkflowJobs);
  recordsEndsOf("deployment", recordEnd);
  const keepProject = (project: Project): Promise<void> => keepSetting(store, projectSetting, asJson(project));
  const engine = await openEngine({
    store,
    stages,
    narrow: { stage: "check", most: availableParallelism() },
    onLost: options.onLost,
    log,
    beforeWork: async () => {
      await rememberKey(store, key.id, key.publicKey);
      await raiseFences(store, await places.highestEpoch());
      await sweepAtStart(store, data);
    },
  });
  const flags = await openFlags(
    store,
    (environment, name, value) => key.nameSecret(environment, name, value),
    (problem) => log("warn", problem),
  );
  const plane = controlPlane({
    data,
    ...imageParts,
    repository,
    releases: { ...releasesIn(store), newest: async () => (await listReleases(store, { limit: 1 }))[0] ?? null },
    ...rollbackParts(store, engine, placeParts, options.rollbackVerdict ?? ((): null => null)),
    startRun: (plan, key) => engine.startRun(plan, key === undefined ? {} : { key }),
    keepProject,
  });
  tellPlane(plane);
  tellFlags(flags);

  const { look, troubles } = keeper({
    ...placeParts,
    quiet: () => quietEnvironments(store, engine, releaseOf),
    now: () => performance.now(),
    clock: () => Date.now(),
    tell: (scope, message) => log("warn", `${scope}: ${message}`),
  });
  const kept = Promise.all([
    again(look, keepEvery, "look after the services", closing.signal, log),
    again(() => tidy(store, data, Date.now(), stepsUser), tidyEvery, "tidy up", closing.signal, log),
    again(
      () => tidyImages({ ...imageParts, store, project }).then(() => undefined),
      tidyEvery,
      "take old images away",
      closing.signal,
      log,
      tidyEvery / 12,
    ),
    again(() => compressLogs(store, data, closing.signal), compressEvery, "compress logs", closing.signal, log),
  ]);

  const project = async (): Promise<Project | null> =>
    ((await setting(store, projectSetting)) ?? null) as unknown as Project | null;
  return {
    engine,
    plane,
    startWorkflow: (request) =>
      startWorkflow(
        {
          sql: store,
          repository,
          secrets,
          approvals: async () =>
            Object.fromEntries(((await project())?.environments ?? []).map(({ name, approvals }) => [name, approvals])),
          containers: stepsUser === undefined && options.jobContainers !== undefined,
          startRun: (plan) => engine.startRun(plan),
        },
        request,
      ),
    verify,
    flags,
    signedBy: key.id,
    troubles,
    project,
    async close(how) {
      closing.abort();
      await kept;
      await flags.close();
      await engine.close(how);
    },
  };
}

/** The environments that run something and that nobody is changing. Asked every second, so releases are not read anew. */
async function quietEnvironments(
  store: Store,
  engine: Engine,
  releaseOf: (id: ReleaseId) => Promise<Release>,
): Promise<readonly Quiet[]> {
  const locks = (await engine.locks()).filter(({ holder }) => holder === null);
  const found = await Promise.all(
    locks.map(async ({ environment, fence }) => {
      const last = await lastCarriedThrough(store, environment);
      if (!last) return [];
      const mixed = await Promise.all(
        [...(await mixedServices(store, environment))].map(
          async ([service, id]) => [service, await releaseOf(id)] as const,
        ),
      );
      return [
        {
          environment,
          release: await releaseOf(last.release),
          mixed: new Map(mixed),
          fence,
          left: await leftWarm(store, environment),
        },
      ];
    }),
  );
  return found.flat();
}

/** Does something again and again until the signal fires. What goes wrong is told, and it is tried again in its turn. */
async function again(
  work: () => Promise<void>,
  every: Millis,
  what: string,
  signal: AbortSignal,
  log: ControlOptions["log"],
  first: Millis = 0,
): Promise<void> {
  if (first > 0) await wait(first, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    await work().catch((thrown: unknown) => log("warn", `could not ${what}: ${messageOf(thrown)}`));
    await wait(every, undefined, { signal }).catch(() => undefined);
  }
}

/** Releases never change, so what was read once is kept; the newest few hundred are all that is ever asked for again. */
function remembered(read: (id: ReleaseId) => Promise<Release>): (id: ReleaseId) => Promise<Release> {
  const known = new Map<ReleaseId, Release>();
  return async (id) => {
    const release = known.get(id) ?? (await read(id));
    known.set(id, release);
    const [oldest] = known.keys();
    if (known.size > 200 && oldest !== undefined) known.delete(oldest);
    return release;
  };
}
