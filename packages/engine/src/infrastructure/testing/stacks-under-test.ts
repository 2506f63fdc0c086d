import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Environment,
  InfrastructureStack,
  Project,
  Release,
  ReleaseId,
  Repository,
  RunId,
  StackPlacement,
} from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { DataDirectory } from "../../data-directory.ts";
import { dataDirectory } from "../../data-directory.ts";
import type { EngineUnderTest } from "../../runs/engine-for-tests.ts";
import { engineUnderTest } from "../../runs/engine-for-tests.ts";
import type { RunDetail } from "../../runs/engine.ts";
import { decidesAbout } from "../../runs/growing-runs.ts";
import { folderKeepers } from "../../sealing/file-keepers.ts";
import { openSealer } from "../../sealing/sealer.ts";
import type { KeptPlan } from "../../store/infrastructure-plans.ts";
import { listPlans, planById } from "../../store/infrastructure-plans.ts";
import type { Store } from "../../store/store.ts";
import { askAboutPlans } from "../approve-plans.ts";
import type { InfrastructureControl } from "../infrastructure-control.ts";
import { infrastructureControl } from "../infrastructure-control.ts";
import { infrastructureStages } from "../infrastructure-stages.ts";
import type { StackParts } from "../stack-parts.ts";

/** An engine that plans and applies the stacks of a repository that is only a folder. */
export interface StacksUnderTest extends EngineUnderTest {
  readonly data: DataDirectory;
  /** The repository's files; each commit has what is there when it is asked for. */
  readonly source: string;
  readonly parts: StackParts;
  readonly control: InfrastructureControl;
  readonly secrets: Map<string, string>;
  /** What runs in every environment, by its release. */
  readonly runs: { release: Release | null };
  /** The clock, by how far it is ahead. */
  readonly clock: { ahead: number };
  ended(run: RunId): Promise<RunDetail>;
  /** Waits until the run waits for a person, and answers with what it asks. */
  asks(run: RunId): Promise<string>;
  closeAll(): Promise<void>;
}

const commit = "a".repeat(40);

/** A stack of a folder, in `staging`. */
export const stackOf = (
  name: string,
  program: InfrastructureStack["program"],
  more: Partial<Omit<InfrastructureStack, "environments">> & { readonly placed?: Partial<StackPlacement> } = {},
): InfrastructureStack => {
  const { placed, ...rest } = more;
  return {
    name,
    folder: name,
    program,
    after: [],
    environments: {
      staging: { workspace: null, variables: {}, varFiles: [], env: {}, backend: {}, ...placed },
    },
    outputs: [],
    lockTimeout: 1000,
    timeout: 120_000,
    preventDestroy: true,
    ignore: [],
    drift: [],
    owner: null,
    ...rest,
  };
};

/** A release with these stacks and nothing else. */
export const releaseWith = (infrastructure: readonly InfrastructureStack[], approvals = 0): Release => {
  const environment: Environment = {
    name: "staging",
    purpose: null,
    url: null,
    deploys: "on-request",
    promotesFrom: null,
    approvals,
    deadline: 60_000,
    variables: {},
    verify: [],
    placements: [],
  };
  const project: Project = { name: "shop", infrastructure, services: [], environments: [environment] };
  return {
    id: "r1" as ReleaseId,
    digest: "sha256:1",
    revision: {
      sha: commit,
      short: commit.slice(0, 7),
      subject: "a",
      author: "Ada",
      committedAt: "2026-01-01T00:00:00.000Z",
      ref: "main",
    },
    project,
    parts: [],
    leftOut: [],
    createdAt: "2026-01-01T00:00:00.000Z",
  };
};

/** Opens one; the folder, its data and its database go with `closeAll`. */
export async function stacksUnderTest(): Promise<StacksUnderTest> {
  const root = await mkdtemp(join(tmpdir(), "fairway-stacks-"));
  const source = await mkdtemp(join(tmpdir(), "fairway-stacks-source-"));
  const data = dataDirectory(root);
  const secrets = new Map<string, string>();
  const runs: StacksUnderTest["runs"] = { release: null };
  const clock = { ahead: 0 };
  const repository = {
    authors: async () => [],
    checkout: (_sha: string, to: string) => cp(source, to, { recursive: true }),
    resolve: async () => {
      throw new FairwayError("revision_not_found", "there is only what runs");
    },
  } satisfies Partial<Repository> as unknown as Repository;
  const store: Store = new Proxy({} as Store, {
    get: (_none, key) => {
      const of = tested.engine?.store as unknown as Readonly<Record<string | symbol, unknown>> | undefined;
      return of?.[key];
    },
  });
  const tested: { engine?: EngineUnderTest } = {};
  const parts: StackParts = {
    data,
    repository,
    secrets: {
      lookUp: async (_environment, names) =>
        Object.fromEntries(names.flatMap((name) => (secrets.has(name) ? [[name, secrets.get(name) ?? ""]] : []))),
    },
    nameSecret: (environment, name, value) => `${environment}/${name}/${value.length}`,
    store,
    sealer: openSealer(store, folderKeepers(join(root, "keys"))),
    now: () => Date.now() + clock.ahead,
  };
  decidesAbout("infrastructure", askAboutPlans);
  const under = await engineUnderTest({ stages: infrastructureStages(parts) });
  tested.engine = under;
  const { engine } = under;
  return {
    ...under,
    data,
    source,
    parts,
    secrets,
    runs,
    clock,
    control: infrastructureControl({
      store: under.store,
      data,
      repository,
      releaseOf: async () => released(runs),
      current: async () => runs.release,
      verifiedIn: async () => ["staging"],
      startRun: (plan, key) => engine.startRun(plan, key === undefined ? {} : { key }),
    }),
    async ended(run) {
      await engine.ended(run);
      return engine.run(run);
    },
    async asks(run) {
      const place = await engine.latestEvent();
      const asked = async (): Promise<string | undefined> => {
        const { jobs, gates, state } = await engine.run(run);
        const waiting = jobs.find((job) => job.stage === "approval" && job.state === "waiting");
        if (waiting === undefined && state !== "running" && state !== "pending" && state !== "waiting")
          throw new Error(`${run} is ${state}: ${jobs.map((job) => `${job.name} ${job.reason ?? ""}`).join("; ")}`);
        return gates.find((gate) => gate.job === waiting?.name && gate.attempt === waiting.attempt)?.digest;
      };
      const now = await asked();
      if (now !== undefined) return now;
      for await (const { subject } of engine.events({ after: place })) {
        if (subject !== run) continue;
        const digest = await asked();
        if (digest !== undefined) return digest;
      }
      throw new Error("there are no more events");
    },
    async closeAll() {
      await under.close();
      await rm(root, { recursive: true, force: true });
      await rm(source, { recursive: true, force: true });
    },
  };
}

/** The newest plan with what is in it; undefined where there is none. */
export async function newestPlan(
  store: Store,
  asked: Omit<Parameters<typeof listPlans>[1], "limit">,
): Promise<KeptPlan | undefined> {
  const [found] = await listPlans(store, { ...asked, limit: 1 });
  return found && planById(store, found.id);
}

const released = ({ release }: StacksUnderTest["runs"]): Release => {
  if (release === null) throw new FairwayError("not_found", "nothing runs");
  return release;
};
