import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type {
  Asker,
  DeploymentPlan,
  Digest,
  Environment,
  PreviewWish,
  Project,
  Release,
  ReleaseId,
  Repository,
  Revision,
  RunId,
} from "@fairway/core";
import { FairwayError, environmentOf, planDeployment, previewProject, quarantineHint } from "@fairway/core";
import { whoActs } from "../audit/acting.ts";
import { digestOf } from "../digest.ts";
import type { BuildsParts } from "../images/reusable-builds.ts";
import { reusableBuilds } from "../images/reusable-builds.ts";
import { protectionOf } from "../gates/protection.ts";
import { planDeploymentRun } from "../rollouts/deployment-run.ts";
import { Turns } from "../runs/one-at-a-time.ts";
import type { RunPlan } from "../runs/stage.ts";
import { planReleaseRun } from "../stages/release-run.ts";
import type { Releases } from "../stages/releases.ts";
import { secretPlanFacts } from "../secrets/secret-plan-facts.ts";
import { chooseRelease } from "./choose-release.ts";
import type { NextRelease } from "./next-release.ts";
import { nextRelease } from "./next-release.ts";
import { overtakenQuestions } from "./not-asked-twice.ts";
import { absentToolsHere, inputsOf, leftOutHere, projectAt } from "./release-facts.ts";
import type { RollbackParts } from "./rollback-parts.ts";
import type { Rollbacks } from "./roll-back.ts";
import { rollbacks } from "./roll-back.ts";

/** What the control plane asks of the rest of the engine. */
export interface ControlPlaneParts extends Omit<RollbackParts, "releaseOf">, BuildsParts {
  readonly repository: Repository;
  readonly releases: Releases & {
    newest(): Promise<Release | null>;
  };
  /** Starts a run. With a key, however often it is asked, there is one run for it. */
  readonly startRun: (plan: RunPlan, key?: string) => Promise<RunId>;
  /** The run that was started with a key. */
  readonly runByKey?: (key: string) => Promise<RunId | undefined>;
  /** Why an environment does not take a release for where its commit comes from, a sentence each; empty when it does. */
  readonly sourceProblems?: (project: Project, environment: string, sha: Revision["sha"]) => Promise<readonly string[]>;
  /** Why the duties of an environment keep a release out, a sentence each; empty when they do not. */
  readonly heldBy?: (asked: {
    readonly release: ReleaseId;
    readonly environment: string;
    readonly remedies: readonly string[];
  }) => Promise<readonly string[]>;
  /** Keeps what the newest configuration says, for those who ask what environments there are. */
  readonly keepProject: (project: Project) => Promise<void>;
}

/** Which release a deployment is about. */
export interface DeploymentRequest {
  readonly environment: string;
  /** Chosen by the rules of the environment when it is not named. */
  readonly release: ReleaseId | null;
  /** Duties of credentials that it sets right; none when left out. */
  readonly remedies?: readonly string[] | undefined;
}

/** A plan, and the digest that approvals of it are bound to. */
export interface Planned {
  readonly plan: DeploymentPlan;
  readonly digest: Digest;
  readonly release: Release;
  /** What should be known before anybody says yes, and keeps nothing from happening. */
  readonly warnings?: readonly string[] | undefined;
}

/** What people and triggers may ask for. */
export interface ControlPlane {
  /** Starts the run that makes a release of a ref. Throws `tree_dirty`, `revision_not_found`, `config_invalid`. */
  makeRelease(request: {
    readonly ref: string;
    /** What the ref was found to be already; it is not looked for again. */
    readonly revision?: Revision;
    /** However often it is asked for by one key, there is one run. */
    readonly key?: string;
    readonly by: string;
    readonly deploy: boolean;
    readonly uncommitted: "refuse" | "ignore";
    /** Who first asked for what this comes of; whoever acts here when it is left out. */
    readonly asker?: Asker;
    /** The preview that it is for: it can go nowhere else, and says nothing of what environments there are. */
    readonly preview?: PreviewWish;
  }): Promise<RunId>;
  /** What a deployment would do. Changes nothing. */
  plan(request: DeploymentRequest): Promise<Planned>;
  /**
   * What an environment that runs `current` would be brought next; null when there is nothing. Asks no database of a service.
   */
  next(
    environment: Pick<Environment, "name" | "promotesFrom">,
    current: ReleaseId | null,
    candidate?: Release | null,
  ): Promise<NextRelease | null>;
  /**
   * Starts a deployment. Throws `quarantined`, `not_allowed_now` with every obstacle, and where people are asked about the same
   * already; what they were asked about the same release, and would not happen any more, is taken back.
   */
  deploy(
    request: DeploymentRequest & { readonly by: string; readonly key?: string; readonly asker?: Asker },
  ): Promise<RunId>;
  /** The ways back. */
  readonly rollbacks: Rollbacks;
}

export function controlPlane(parts: ControlPlaneParts): ControlPlane {
  async function plan({ environment, release, remedies = [] }: DeploymentRequest): Promise<Planned> {
    const chosen = release === null ? await choose(parts, environment) : await parts.releases.byId(release);
    const known = environmentOf(chosen.project, environment);
    const running = await parts.deployments.current(environment);
    // An older release may not know an environment that is there; one that nobody knows is a wrong name.
    if (!known && !running) await assertKnown(parts, environment);
    const planned = planDeployment({
      release: chosen,
      running,
      environment,
      reason: known?.promotesFrom ? "promotion" : "deploy",
      verifiedIn: await parts.deployments.verifiedIn(chosen.id),
      lostIn: (await parts.deployments.lostIn?.(chosen.id)) ?? [],
      quarantine: await parts.deployments.quarantine(chosen.digest),
      sourceProblems: [
        ...((await parts.sourceProblems?.(chosen.project, environment, chosen.revision.sha)) ?? []),
        ...((await parts.heldBy?.({ release: chosen.id, environment, remedies })) ?? []),
      ],
      mixed: await parts.deployments.mixed(environment),
      remedies,
      migrations: await parts.migrations.facts(chosen, environment),
      ...(await parts.contracts?.(chosen, environment)),
      ...(await secretPlanFacts(parts, chosen.project, environment)),
    });
    const { obstacles = [], warnings = [] } = (await parts.foreseen?.(planned, chosen)) ?? {};
    const whole = { ...planned, obstacles: [...planned.obstacles, ...obstacles] };
    return { plan: whole, digest: digestOf(whole), release: chosen, warnings };
  }

  async function refuse({ plan: { obstacles }, release }: Planned, environment: string): Promise<void> {
    if (obstacles.length === 0) return;
    const isQuarantined = (await parts.deployments.quarantine(release.digest)) !== null;
    throw new FairwayError(
      isQuarantined ? "quarantined" : "not_allowed_now",
      `${release.id} cannot go to ${environment}: ${obstacles.join("; ")}`,
      { problems: obstacles, hint: isQuarantined ? quarantineHint(release.id) : undefined },
    );
  }

  const turns = new Map<string, Turns>();
  /** Whether somebody is asked about the same already is looked at by one at a time. */
  function turnsOf(environment: string): Turns {
    const known = turns.get(environment) ?? new Turns();
    turns.set(environment, known);
    return known;
  }

  async function deploy(request: Parameters<ControlPlane["deploy"]>[0]): Promise<RunId> {
    const { environment, key, by, asker } = request;
    const planned = await plan(request);
    await refuse(planned, environment);
    const { digest, release } = planned;
    const known = key === undefined ? undefined : await parts.runByKey?.(key);
    if (known !== undefined) return known;
    const overtaken = overtakenQuestions(
      { environment, release: release.id, digest },
      await parts.deployments.open(environment),
    );
    const asked = key === undefined ? "by name" : "automatically";
    const runs = {
      running: await parts.deployments.current(environment),
      mixed: await parts.deployments.mixed(environment),
    };
    const protection = await protectionOf(parts.repository, release, runs, environment, asker);
    const run = await parts.startRun(planDeploymentRun(planned.plan, digest, release, by, asked, protection), key);
    for (const older of overtaken) await parts.cancel(older, run);
    return run;
  }

  return {
    plan,
    next: (environment, current, candidate) => nextRelease(parts, environment, current, candidate),
    rollbacks: rollbacks({ ...parts, releaseOf: (id) => parts.releases.byId(id) }, (environment) =>
      assertKnown(parts, environment),
    ),

    async makeRelease({ ref, by, deploy, uncommitted, key, asker = { requester: whoActs() }, preview, ...given }) {
      const revision = given.revision ?? (await parts.repository.resolve(ref));
      if (ref === "HEAD" && uncommitted === "refuse") await assertClean(parts.repository);
      const scratch = join(parts.data.root, "work");
      await mkdir(scratch, { recursive: true, mode: 0o700 });
      const written = await projectAt(parts.repository, revision, scratch);
      const project = preview === undefined ? written : previewProject(written, preview);
      const inputs = await inputsOf(project, revision, parts.repository);
      const run = await parts.startRun(
        planReleaseRun({
          asker,
          project,
          revision,
          requestedBy: by,
          inputs,
          ...(await reusableBuilds(parts, project, await parts.releases.builtFrom(inputs))),
          green: await parts.releases.greenChecks(inputs),
          leftOut: await leftOutHere(project),
          absentTools: await absentToolsHere(project),
          deploy,
        }),
        key,
      );
      if (preview === undefined) await parts.keepProject(project);
      return run;
    },

    deploy: (request) => turnsOf(request.environment).run(() => deploy(request)),
  };
}

async function assertClean(repository: Repository): Promise<void> {
  const paths = await repository.uncommitted();
  if (paths.length === 0) return;
  const shown = paths.slice(0, 5).join(", ");
  throw new FairwayError(
    "tree_dirty",
    `${paths.length} ${paths.length === 1 ? "file has" : "files have"} changes that are in no commit: ${shown}${paths.length > 5 ? ", …" : ""}`,
    {
      hint: "commit them, or make the release of the last commit with --ignore-uncommitted",
      problems: paths,
    },
  );
}

async function choose(parts: ControlPlaneParts, name: string): Promise<Release> {
  const newest = await parts.releases.newest();
  const running = await parts.deployments.current(name);
  const project = (newest ?? running)?.project;
  const environment = project && environmentOf(project, name);
  if (!environment) throw unknownEnvironment(name, project);
  return chooseRelease(environment, {
    newest,
    verifiedBefore:
      environment.promotesFrom === null ? null : await parts.deployments.current(environment.promotesFrom),
  });
}

async function assertKnown(parts: ControlPlaneParts, name: string): Promise<void> {
  const newest = await parts.releases.newest();
  if (newest && !environmentOf(newest.project, name)) throw unknownEnvironment(name, newest.project);
}

function unknownEnvironment(name: string, project: Project | undefined): FairwayError {
  if (!project)
    return new FairwayError("not_found", "there is no release yet", { hint: "make one with: fairway release" });
  const known = project.environments.map((environment: Environment) => environment.name).join(", ");
  return new FairwayError("not_found", `there is no environment "${name}"; there are ${known}`);
}
