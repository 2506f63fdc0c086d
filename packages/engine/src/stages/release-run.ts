import type {
  Asker,
  Digest,
  LeftOut,
  Project,
  ProjectRegistry,
  ReleaseId,
  ReleasePart,
  Revision,
  RunId,
  Service,
  ServiceCheck,
} from "@fairway/core";
import { isUntrusted, previewNameOf } from "@fairway/core";
import type { JobPlan, Json, RunPlan } from "../runs/stage.ts";
import { checksToRun } from "./checks-to-run.ts";

/** An artifact that an earlier release has built from the same inputs. */
export interface Reusable extends Pick<ReleasePart, "artifact" | "image" | "tag" | "sbom" | "migrations"> {
  readonly builtIn: ReleaseId;
}

/** A check that has said yes, and where. */
export interface GreenCheck {
  readonly run: RunId;
  /** Of the commit. */
  readonly short: string;
}

/** All that is known about a revision before anything is run. */
export interface ReleaseFacts {
  readonly project: Project;
  readonly revision: Revision;
  readonly requestedBy: string;
  /** Who asked for it, or for what it comes of: they asked for its deployments as well. */
  readonly asker?: Asker;
  /** Of everything each service's artifact depends on, by service. */
  readonly inputs: ReadonlyMap<string, Digest>;
  readonly reusable: ReadonlyMap<string, Reusable>;
  /** Checks that have said yes to these inputs before, by `service/check`. */
  readonly green: ReadonlyMap<string, GreenCheck>;
  /** Checks whose programs this machine does not have, by `service/check`, and what is missing. */
  readonly absentTools: ReadonlyMap<string, string>;
  /** Services that cannot be built on this machine, and why. */
  readonly leftOut: readonly LeftOut[];
  /** Services whose image was built before and is not to be had any more, and why. */
  readonly lost: ReadonlyMap<string, string>;
  /** Whether the environments that deploy automatically take it. */
  readonly deploy: boolean;
}

/** What the `release` job is told. */
export interface ReleaseJobInput {
  readonly project: Project;
  readonly revision: Revision;
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly takenOver: readonly ReleasePart[];
  readonly leftOut: readonly LeftOut[];
  readonly deploy: boolean;
  readonly requestedBy: string;
}

/** What the jobs of one service are told. */
export interface ServiceJobInput {
  readonly service: Service;
  readonly revision: Revision;
  /** The name of the check, in a check job. */
  readonly check: string | null;
  /** Whether the check is that of the service's migrations, which Fairway makes itself. */
  readonly migrations?: true | undefined;
  /** Of all that the service depends on: a later run finds by it what was green. Absent in jobs from before it was kept. */
  readonly inputs?: Digest | undefined;
  /** Where the image goes, of a service that runs in a container; absent where it stays on this machine. */
  readonly registry?: ProjectRegistry | undefined;
  /** Why it is built again though nothing changed. */
  readonly again?: string | undefined;
  /** Of a commit of somebody who may not push here: what it leaves, nobody else takes over. */
  readonly untrusted?: true | undefined;
}

const minute = 60_000;
const checkoutTimeout = 10 * minute;
const releaseTimeout = 5 * minute;

const prepareJob = (service: string): string => `prepare:${service}`;
const checkJob = (service: string, check: string): string => `check:${service}/${check}`;
/** What the check of a service's migrations is called; null where there are none. The service's own names come first. */
const migrationsCheck = ({ checks, migrations }: Service): string | null =>
  migrations === undefined
    ? null
    : checks.some(({ name }) => name === "migrations")
      ? "migrations-on-shadow-database"
      : "migrations";
/** The job whose check has read and tried a service's migrations, and left them for the build. */
export const triedJob = (service: Service): string => checkJob(service.name, migrationsCheck(service) ?? "");
export const buildJob = (service: string): string => `build:${service}`;
const releaseJob = "release";

/**
 * The run that makes a release: every service is prepared, checked and built beside the others; the release comes when
 * all are done. A service whose inputs did not change since it was last built takes its artifact over; its checks were
 * green then, or there would be no artifact, and it has no jobs unless the release is of a tag.
 */
export function planReleaseRun(facts: ReleaseFacts): RunPlan {
  const { project, revision } = facts;
  const skipped = new Set(facts.leftOut.map((left) => left.service));
  const wanted = project.services.filter((service) => !skipped.has(service.name));
  const jobs = wanted.map((service) => ({ service, checks: checksToRun(service, facts) }));
  const perService = jobs.map(({ service, checks }) => jobsOf(service, checks.run, facts));
  const preview = previewNameOf(project);
  const input: ReleaseJobInput = {
    project,
    revision,
    inputs: Object.fromEntries(facts.inputs),
    takenOver: wanted.flatMap((service) => takenOver(service, facts)),
    leftOut: facts.leftOut,
    deploy: facts.deploy,
    requestedBy: facts.requestedBy,
  };
  return {
    kind: "release",
    title: `release ${revision.short} "${firstWords(revision.subject)}"`,
    subject: {
      ...(preview === null ? {} : { preview }),
      revision: asJson(revision),
      notRun: asJson(jobs.flatMap(({ checks }) => checks.notRun)),
    },
    requestedBy: facts.requestedBy,
    terms: facts.asker,
    jobs: [
      ...perService.flat(),
      {
        name: releaseJob,
        stage: "release",
        needs: perService.flatMap(lastOf),
        turn: "after-success",
        input: asJson(input),
        timeout: releaseTimeout,
      },
    ],
  };
}

const longestTitle = 100;

const letters = new Intl.Segmenter();

/** A subject may be a whole page on one line; the title goes into every list, and the revision keeps all of it. */
function firstWords(subject: string): string {
  if (subject.length <= longestTitle) return subject;
  // Never half a letter; and not all of a long page is looked at for it.
  const found = [...letters.segment(subject.slice(0, 4 * longestTitle))].map(({ segment }) => segment);
  return `${found.slice(0, longestTitle).join("")}…`;
}

function takenOver(service: Service, facts: ReleaseFacts): readonly ReleasePart[] {
  const found = facts.reusable.get(service.name);
  const inputs = facts.inputs.get(service.name);
  if (!found || !inputs) return [];
  const { builtIn, ...part } = found;
  return [{ service: service.name, ...part, inputs, takenFrom: builtIn }];
}

/** What the release waits for: a build, or the checks where nothing is built. */
function lastOf(jobs: readonly JobPlan[]): readonly string[] {
  const builds = jobs.filter(({ stage }) => stage === "build");
  return (builds.length > 0 ? builds : jobs).map(({ name }) => name);
}

function jobsOf(service: Service, toRun: readonly ServiceCheck[], facts: ReleaseFacts): readonly JobPlan[] {
  const { revision } = facts;
  const builds = !facts.reusable.has(service.name);
  if (!builds && toRun.length === 0) return [];
  const inputs = facts.inputs.get(service.name);
  const input = (check: string | null): Json =>
    asJson({
      service,
      revision,
      check,
      ...(check !== null && inputs ? { inputs } : {}),
      ...(isUntrusted(facts.project) ? { untrusted: true as const } : {}),
    } satisfies ServiceJobInput);
  const tried = migrationsCheck(service);
  const sum = (timeouts: readonly number[]): number => timeouts.reduce((total, timeout) => total + timeout, minute);
  const checks = toRun.map((check) => ({
    name: checkJob(service.name, check.name),
    stage: "check",
    needs: [prepareJob(service.name), ...(check.needs ?? []).map((needed) => checkJob(service.name, needed))],
    turn: "after-success" as const,
    input: input(check.name),
    timeout: check.timeout + minute,
  }));
  return [
    {
      name: prepareJob(service.name),
      stage: "prepare",
      needs: [],
      turn: "after-success",
      input: input(null),
      timeout: checkoutTimeout + sum(service.prepare.map((command) => command.timeout)),
    },
    ...checks,
    ...(builds && tried !== null ? [triedOf(tried)] : []),
    ...(builds ? [buildOf()] : []),
  ];

  function triedOf(check: string): JobPlan {
    return {
      name: checkJob(service.name, check),
      stage: "check",
      needs: [prepareJob(service.name)],
      turn: "after-success",
      input: asJson({ ...(input(check) as object), migrations: true }),
      timeout: 5 * minute + sum([service.migrations?.sql ?? null].map((command) => command?.timeout ?? 5 * minute)),
    };
  }

  function imageFacts(): Pick<ServiceJobInput, "registry" | "again"> {
    const { registry } = facts.project;
    const again = facts.lost.get(service.name);
    const pushes = service.container !== undefined && service.container.image === null && registry !== undefined;
    return { ...(pushes ? { registry } : {}), ...(again === undefined ? {} : { again }) };
  }

  function buildOf(): JobPlan {
    return {
      name: buildJob(service.name),
      stage: "build",
      needs: [
        prepareJob(service.name),
        ...checks.map((job) => job.name),
        ...(tried === null ? [] : [checkJob(service.name, tried)]),
      ],
      turn: "after-success",
      input: asJson({ ...(input(null) as object), ...imageFacts() }),
      timeout: checkoutTimeout + sum(service.build.commands.map((command) => command.timeout)),
    };
  }
}

/** Core's types are JSON in all but their declarations, which have no index signatures. */
export const asJson = (value: object): Json => value as unknown as Json;
