import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RunId } from "@fairway/core";
import { FairwayError, attemptId } from "@fairway/core";
import type { Control, DataDirectory, RunDetail } from "@fairway/engine";

/** A file that lines are read from, and what to call it. */
export interface LogSource {
  readonly name: string;
  readonly path: string;
  /** Whether more may still come. */
  readonly open: () => Promise<boolean>;
}

/** Which logs are asked for; what is left out narrows nothing. */
export interface LogQuery {
  readonly environment?: string | undefined;
  readonly service?: string | undefined;
  readonly replica?: string | undefined;
  readonly run?: string | undefined;
  readonly job?: string | undefined;
  readonly step?: string | undefined;
}

export interface SourceParts {
  readonly data: DataDirectory;
  readonly control: Control;
  /** Replicas that have written something, dead ones too as long as their log is kept. */
  readonly replicaLogs: () => Promise<readonly ReplicaLog[]>;
}

export interface ReplicaLog {
  readonly replica: string;
  readonly path: string;
  readonly alive: boolean;
}

/** The logs that a query names, in the order in which they are shown. Throws `not_found` when it names none. */
export async function logSources(parts: SourceParts, query: LogQuery): Promise<readonly LogSource[]> {
  const found =
    query.run === undefined ? await ofReplicas(parts, query) : await ofRun(parts, query.run as RunId, query);
  if (found.length > 0) return found;
  const asked = Object.entries(query).filter(([, value]) => value !== undefined);
  const words = asked.map(([name, value]) => `${name} ${String(value)}`).join(", ");
  throw new FairwayError("not_found", words ? `there is no log of ${words}` : "nothing has written a log yet", {
    hint: "`fairway status` shows what runs, `fairway runs` what has run",
  });
}

/** What the replicas of one release wrote, for the run that deployed it. */
interface ReplicaQuery extends LogQuery {
  readonly release?: string | undefined;
}

/** A replica is named `environment.service.release.ordinal`. */
async function ofReplicas({ replicaLogs }: SourceParts, query: ReplicaQuery): Promise<readonly LogSource[]> {
  const wanted = (await replicaLogs()).filter(({ replica }) => {
    const [environment, service, release] = replica.split(".");
    return (
      (query.environment === undefined || environment === query.environment) &&
      (query.service === undefined || service === query.service) &&
      (query.release === undefined || release === query.release) &&
      (query.replica === undefined || replica === query.replica)
    );
  });
  // What failed long ago is shown only when it is asked for; else the living speak.
  const everything = query.replica !== undefined || query.release !== undefined || !wanted.some(({ alive }) => alive);
  return wanted
    .filter(({ alive }) => alive || everything)
    .map(({ replica, path }) => ({
      name: replica,
      path,
      open: async () => (await replicaLogs()).some((other) => other.replica === replica && other.alive),
    }));
}

/** The commands of a release's steps; a deployment runs none, so for one it is what its replicas wrote. */
async function ofRun(parts: SourceParts, id: RunId, query: LogQuery): Promise<readonly LogSource[]> {
  const { control, data } = parts;
  const run = await control.engine.run(id);
  const { environment, release } = run.subject as { readonly environment?: string; readonly release?: string };
  if (run.kind === "deployment" && environment !== undefined && release !== undefined)
    return ofReplicas(parts, { environment, release, service: query.service, replica: query.replica });
  const steps = run.jobs.flatMap((job) =>
    [...job.steps, ...(run.kind === "workflow" ? aroundSteps(job) : [])].map((step) => ({ ...step, job: job.name })),
  );
  const wanted = steps.filter(
    ({ job, name, title }) =>
      (query.job === undefined || job === query.job || job.startsWith(`${query.job}#`)) &&
      (query.step === undefined || name === query.step || title === query.step),
  );
  const sources = await Promise.all(
    wanted.map(async ({ job, name, title, attempt }) => {
      const directory = data.step(attemptId(id, job, attempt), name);
      if (!(await hasLog(directory))) return [];
      const open = async (): Promise<boolean> =>
        (await control.engine.run(id)).jobs.some(
          (now) => now.name === job && now.steps.some((step) => step.name === name && step.endedAt === null),
        );
      return [{ name: `${job} ${title ?? name}`, path: join(directory, "log"), open }];
    }),
  );
  return sources.flat();
}

/** What a job of a workflow says before its first step and after its last; the two have logs of their own. */
function aroundSteps(job: RunDetail["jobs"][number]): readonly Pick<Step, "name" | "title" | "attempt">[] {
  return [
    { name: "setup", title: "Set up job", attempt: job.attempt },
    { name: "complete", title: "Complete job", attempt: job.attempt },
  ];
}

type Step = RunDetail["jobs"][number]["steps"][number];

const hasLog = (directory: string): Promise<boolean> =>
  readdir(directory).then(
    (files) => files.includes("log") || files.includes("log.gz"),
    () => false, // a step that ran no command has no folder
  );
