import type { RunId } from "@fairway/core";
import type { DatabaseTemplate, FreshDatabase } from "../database/test-database.ts";
import { freshDatabase } from "../database/test-database.ts";
import type { Store } from "../store/store.ts";
import { openStore } from "../store/store.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import { openEngine } from "./engine.ts";
import type { Attempt, JobPlan, Json, Outcome, RunPlan, Stage } from "./stage.ts";

/** A database in which an engine was open once: preparing one takes half a second, copying it 30 ms. */
export const engineTemplate: DatabaseTemplate = {
  name: "engine",
  async prepare(connectionString) {
    const store = openStore({ connectionString });
    await (await openEngine({ store, stages: [] })).close();
    await store.close();
  },
};

/** An engine on a database of its own, for one test. */
export interface EngineUnderTest {
  readonly engine: Engine;
  readonly store: Store;
  readonly database: FreshDatabase;
  close(): Promise<void>;
}

/** Opens an engine that looks around five times a second. */
export async function engineUnderTest(options: Omit<EngineOptions, "store">): Promise<EngineUnderTest> {
  const database = await freshDatabase(engineTemplate);
  const store = openStore({ connectionString: database.connectionString, max: 8 });
  const engine = await openEngine({ heartbeat: 200, lease: 1_000, ...options, store });
  return {
    engine,
    store,
    database,
    async close() {
      await engine.close();
      await store.close();
      await database.drop();
    },
  };
}

/** What a job found out. */
export async function resultOf({ store }: Engine, run: RunId, name: string): Promise<Json> {
  const [job] = await store.rows<{ readonly result: Json }>(
    "select result from fairway.jobs where run = $1 and name = $2",
    [run, name],
  );
  return job?.result ?? null;
}

/** A stage of a few lines. */
export const stage = (name: string, run: (attempt: Attempt) => Promise<Json | Outcome | void>): Stage => ({
  name,
  async run(attempt): Promise<Outcome> {
    const result = await run(attempt);
    if (typeof result === "object" && result !== null && "outcome" in result) return result as Outcome;
    return { outcome: "succeeded", result: (result as Json | undefined) ?? null };
  },
});

/** A job that comes after others; its stage is its name up to the colon. */
export const job = (name: string, needs: readonly string[] = [], more: Partial<JobPlan> = {}): JobPlan => ({
  name,
  stage: name.split(":")[0] ?? name,
  needs,
  turn: "after-success",
  input: null,
  timeout: 60_000,
  ...more,
});

/** A run of these jobs. */
export const plan = (...jobs: readonly JobPlan[]): RunPlan => ({
  kind: "deployment",
  title: jobs.map(({ name }) => name).join(" "),
  subject: null,
  requestedBy: "ana",
  jobs,
});

/** Something that happens once, to wait for. */
export function moment<Value = void>(): { readonly happened: Promise<Value>; happen(value: Value): void } {
  let happen: (value: Value) => void = () => {};
  const happened = new Promise<Value>((resolve) => (happen = resolve));
  return { happened, happen };
}

/** Waits until a job of a run is in a state, by the events that say so. */
export async function jobIs(engine: Engine, run: RunId, name: string, state: string): Promise<void> {
  const place = await engine.latestEvent();
  const now = (await engine.run(run)).jobs.find((each) => each.name === name)?.state;
  if (now === state) return;
  for await (const { subject, kind, body } of engine.events({ after: place })) {
    const told = body as { readonly job?: string; readonly state?: string };
    if (subject === run && kind === "job.changed" && told.job === name && told.state === state) return;
  }
}
