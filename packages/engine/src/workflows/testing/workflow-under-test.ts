import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Repository, Revision, RunId } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { DataDirectory } from "../../data-directory.ts";
import { dataDirectory } from "../../data-directory.ts";
import type { EngineUnderTest } from "../../runs/engine-for-tests.ts";
import { engineUnderTest } from "../../runs/engine-for-tests.ts";
import type { RunDetail } from "../../runs/engine.ts";
import { decidesAbout } from "../../runs/growing-runs.ts";
import type { Stage } from "../../runs/stage.ts";
import { readLog } from "../../logs/read-log.ts";
import { attemptOf } from "../../store/jobs.ts";
import { decideWorkflowJobs } from "../decide-jobs.ts";
import type { WorkflowRequest, WorkflowStart } from "../start-workflow.ts";
import { startWorkflow } from "../start-workflow.ts";
import { workflowJob, type WorkflowParts } from "../workflow-job.ts";

/** An engine that runs workflows out of a repository that is only these files. */
export interface WorkflowsUnderTest extends EngineUnderTest {
  readonly data: DataDirectory;
  readonly files: Map<string, string>;
  readonly secrets: Map<string, Readonly<Record<string, string>>>;
  readonly approvals: Map<string, number>;
  ask(file: string, request?: Partial<WorkflowRequest>): Promise<WorkflowStart>;
  /** Starts a workflow of this text and waits until it has ended. */
  run(text: string, request?: Partial<WorkflowRequest>): Promise<RunDetail>;
  ended(run: RunId): Promise<RunDetail>;
  /** What a step of a job wrote, by the number of the step. */
  log(run: RunDetail, job: string, step: string): Promise<readonly string[]>;
}

const sha = "a".repeat(40);
const revision: Revision = {
  sha,
  short: "aaaaaaa",
  subject: "add prices",
  author: "Ada",
  committedAt: "2026-01-01T00:00:00.000Z",
  ref: "main",
};

/** With the stage that carries out jobs, unless another is to. */
export async function workflowsUnderTest(
  stageOf: (parts: WorkflowParts) => Stage = workflowJob,
): Promise<WorkflowsUnderTest> {
  const root = await mkdtemp(join(tmpdir(), "fairway-workflows-"));
  const data = dataDirectory(root);
  const files = new Map<string, string>();
  const secrets = new Map<string, Readonly<Record<string, string>>>();
  const approvals = new Map<string, number>();
  const repository = {
    resolve: async (ref) => {
      if (ref.endsWith("^") || ref.startsWith("refs/tags/")) throw new FairwayError("revision_not_found", ref);
      return revision;
    },
    checkout: async () => {},
    fingerprint: async () => "sha256:none",
    uncommitted: async () => [],
    textOf: async (_sha, path) => files.get(path),
    changedPaths: async () => undefined,
    identity: async () => ({ path: root, name: "acme/shop" }),
  } satisfies Partial<Repository> as unknown as Repository;
  const source = {
    lookUp: async (scope: string, names: readonly string[]) =>
      Object.fromEntries(Object.entries(secrets.get(scope) ?? {}).filter(([name]) => names.includes(name))),
  };
  decidesAbout("workflow", decideWorkflowJobs);
  const tested: { engine?: EngineUnderTest } = {};
  const store = {
    rows: <Row>(text: string, values?: readonly unknown[]) => tested.engine!.store.rows<Row>(text, values),
  };
  const under = await engineUnderTest({ stages: [stageOf({ sql: store, data, repository, secrets: source })] });
  tested.engine = under;
  const { engine } = under;
  const ask: WorkflowsUnderTest["ask"] = (file, request = {}) =>
    startWorkflow(
      {
        sql: under.store,
        repository,
        secrets: source,
        approvals: async () => Object.fromEntries(approvals),
        containers: false,
        startRun: (plan) => engine.startRun(plan),
      },
      {
        file,
        ref: "HEAD",
        event: { name: null, inputs: {}, payload: null },
        job: null,
        by: "ana",
        uncommitted: "refuse",
        ...request,
      },
    );
  const ended = async (run: RunId): Promise<RunDetail> => {
    await engine.ended(run);
    return engine.run(run);
  };
  return {
    ...under,
    data,
    files,
    secrets,
    approvals,
    ask,
    ended,
    async run(text, request) {
      files.set("ci.yml", text);
      const { run, reason } = await ask("ci.yml", request);
      if (run === null) throw new Error(reason);
      return ended(run);
    },
    async log(run, name, step) {
      const job = run.jobs.find((each) => each.name === name);
      if (job === undefined) throw new Error(`no job ${name}`);
      const path = join(data.step(attemptOf(job), step), "log");
      const lines: string[] = [];
      for await (const { line } of readLog({ path })) lines.push(line);
      return lines;
    },
    async close() {
      await under.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
