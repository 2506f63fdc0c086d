import type { JobInstance } from "../../model/plan.ts";
import type { JsonObject } from "../../model/json.ts";
import { formatProblem } from "../../model/place.ts";
import { readWorkflow } from "../../reading/read-workflow.ts";
import type { JobSurroundings } from "../job-surroundings.ts";
import { type JobRetry, runJob } from "../run-job.ts";
import type { JobEnd } from "../step-record.ts";
import { MemoryHost, type MemoryHostOptions } from "./memory-host.ts";

export interface TrialOptions extends MemoryHostOptions {
  /** Put in front of `jobs:`. */
  readonly workflow?: string;
  readonly around?: Partial<JobSurroundings>;
  readonly instance?: Partial<JobInstance>;
  readonly retry?: JobRetry;
  /** Does something with the host before the job begins. */
  readonly before?: (host: MemoryHost) => void | Promise<void>;
}

export interface Trial {
  readonly host: MemoryHost;
  readonly end: JobEnd;
  /** `success`, `failure`, … of each step, in order. */
  readonly conclusions: readonly string[];
}

const hosts: MemoryHost[] = [];

/** Takes away the folders of all trials so far. */
export function removeTrials(): void {
  for (const host of hosts.splice(0)) host.remove();
}

/** A host whose folders `removeTrials` takes away. */
export function trialHost(options: MemoryHostOptions = {}): MemoryHost {
  const host = new MemoryHost(options);
  hosts.push(host);
  return host;
}

/** Runs a job that is written as in a workflow: the keys of one job, from `steps:` on. */
export async function runTrial(job: string, options: TrialOptions = {}): Promise<Trial> {
  const host = trialHost(options);
  await options.before?.(host);
  const end = await runJob(
    trialInstance(job, options),
    host,
    { ...trialSurroundings, ...options.around },
    options.retry,
  );
  return { host, end, conclusions: end.steps.map(({ conclusion }) => conclusion) };
}

export const trialSurroundings: JobSurroundings = {
  github: { event_name: "push", ref: "refs/heads/main", sha: "a".repeat(40), repository: "team/product", event: {} },
  needs: {},
  runnerName: "trial",
  baseEnv: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C.UTF-8" },
  services: {},
  debug: false,
};

export function trialInstance(job: string, options: Pick<TrialOptions, "workflow" | "instance"> = {}): JobInstance {
  const indented = job
    .replace(/^\n/, "")
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
  const head = options.workflow ?? "";
  const read = readWorkflow(
    `on: push\n${head}\njobs:\n  trial:\n    runs-on: ubuntu-latest\n${indented}\n`,
    "trial.yml",
  );
  if ("problems" in read) throw new TypeError(read.problems.map(formatProblem).join("\n"));
  const [first] = read.workflow.jobs;
  if (first?.kind !== "steps") throw new TypeError("the trial has no job with steps");
  const { workflow } = read;
  return {
    key: first.id,
    id: first.id,
    file: workflow.file,
    workflowName: workflow.name ?? workflow.file,
    name: first.id,
    needs: [],
    needsContext: {},
    runsOn: ["ubuntu-latest"],
    timeoutMinutes: 360,
    continueOnError: false,
    secretScopes: [],
    matrix: {} satisfies JsonObject,
    strategy: { "fail-fast": true, "job-index": 0, "job-total": 1, "max-parallel": 1 },
    permissions: {},
    env: [workflow.env, first.env].filter((env) => env !== undefined),
    defaults: [workflow.defaults, first.defaults],
    inputs: {},
    job: first,
    ...options.instance,
  };
}

/** What the last command of a step printed: all but the lines before the end of the header. */
export const printed = (log: string): string => log.slice(log.indexOf("##[endgroup]") + "##[endgroup]\n".length);
