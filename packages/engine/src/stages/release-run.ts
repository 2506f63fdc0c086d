import type { Digest, LeftOut, Project, ReleaseId, ReleasePart, Revision, Service } from "@fairway/core";
import type { JobPlan, Json, RunPlan } from "../runs/stage.ts";

/** An artifact that an earlier release has built from the same inputs. */
export interface Reusable extends Pick<ReleasePart, "artifact" | "image" | "sbom"> {
  readonly builtIn: ReleaseId;
}

/** All that is known about a revision before anything is run. */
export interface ReleaseFacts {
  readonly project: Project;
  readonly revision: Revision;
  readonly requestedBy: string;
  /** Of everything each service's artifact depends on, by service. */
  readonly inputs: ReadonlyMap<string, Digest>;
  readonly reusable: ReadonlyMap<string, Reusable>;
  /** Services that cannot be built on this machine, and why. */
  readonly leftOut: readonly LeftOut[];
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
}

const minute = 60_000;
const checkoutTimeout = 10 * minute;
const releaseTimeout = 5 * minute;

const prepareJob = (service: string): string => `prepare:${service}`;
const checkJob = (service: string, check: string): string => `check:${service}/${check}`;
export const buildJob = (service: string): string => `build:${service}`;
const releaseJob = "release";

/**
 * The run that makes a release: every service is prepared, checked and built beside the others; the release comes when
 * all are done. A service whose inputs did not change since it was last built takes its artifact over and has no jobs:
 * its checks were green then, or there would be no artifact.
 */
export function planReleaseRun(facts: ReleaseFacts): RunPlan {
  const { project, revision } = facts;
  const skipped = new Set(facts.leftOut.map((left) => left.service));
  const wanted = project.services.filter((service) => !skipped.has(service.name));
  const fresh = wanted.filter((service) => !facts.reusable.has(service.name));
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
    subject: { revision: asJson(revision) },
    requestedBy: facts.requestedBy,
    jobs: [
      ...fresh.flatMap((service) => jobsOf(service, revision)),
      {
        name: releaseJob,
        stage: "release",
        needs: fresh.map((service) => buildJob(service.name)),
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

function jobsOf(service: Service, revision: Revision): readonly JobPlan[] {
  const input = (check: string | null): Json => asJson({ service, revision, check } satisfies ServiceJobInput);
  const sum = (timeouts: readonly number[]): number => timeouts.reduce((total, timeout) => total + timeout, minute);
  const checks = service.checks.map((check) => ({
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
    {
      name: buildJob(service.name),
      stage: "build",
      needs: [prepareJob(service.name), ...checks.map((job) => job.name)],
      turn: "after-success",
      input: input(null),
      timeout: checkoutTimeout + sum(service.build.commands.map((command) => command.timeout)),
    },
  ];
}

/** Core's types are JSON in all but their declarations, which have no index signatures. */
export const asJson = (value: object): Json => value as unknown as Json;
