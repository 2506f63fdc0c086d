import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainEnvironment, plainPlacement, plainService } from "@fairway/conformance";
import type { Environment, Project, Release, ReleaseId, Repository, RunId } from "@fairway/core";
import { codeOf } from "@fairway/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { noFlags } from "../flags/testing/no-flags.ts";
import { beginStage } from "../rollouts/begin.ts";
import type { PlaceParts } from "../rollouts/place-of.ts";
import type { Places } from "../rollouts/places.ts";
import type { Attempt, RunPlan } from "../runs/stage.ts";
import { deploymentsIn } from "../store/deployments.ts";
import { historyIn } from "../store/history-for-tests.ts";
import { addQuarantine, liftQuarantine, listQuarantine } from "../store/quarantine.ts";
import { listReleases, releaseById, releasesIn } from "../store/releases.ts";
import { insertRun, runByKey } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { ControlPlane } from "./control-plane.ts";
import { controlPlane } from "./control-plane.ts";
import { rollbackParts } from "./rollback-parts.ts";
import { noMigrations } from "../migrations/testing/no-migrations.ts";

/** `FAIRWAY_LOAD=full` asks for the bar: a thousand sequences. */
const sequences = process.env["FAIRWAY_LOAD"] === "full" ? 1_000 : 3;

const web = plainService("web");
const environment = (name: string, promotesFrom: string | null): Environment =>
  plainEnvironment(name, [plainPlacement("web")], {
    deploys: promotesFrom === null ? "automatically" : "on-request",
    promotesFrom,
  });
const project: Project = {
  name: "shop",
  services: [web],
  environments: [environment("staging", null), environment("production", "staging")],
};

/** What somebody or something asks for; numbers choose among what there is. */
type Trigger =
  | { readonly do: "release"; readonly digest: number }
  | { readonly do: "deploy"; readonly where: number; readonly what: number | null; readonly byItself: boolean }
  | { readonly do: "roll back"; readonly where: number; readonly what: number | null; readonly only: boolean }
  | { readonly do: "carry out"; readonly which: number; readonly ends: "well" | "says no" | "stopped" }
  | { readonly do: "retry"; readonly which: number }
  | { readonly do: "quarantine" | "lift"; readonly what: number };

const some = fc.nat(7);
const triggers: fc.Arbitrary<readonly Trigger[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("release" as const), digest: fc.nat(2) }),
    fc.record({
      do: fc.constant("deploy" as const),
      where: fc.nat(1),
      what: fc.option(some),
      byItself: fc.boolean(),
    }),
    fc.record({ do: fc.constant("roll back" as const), where: fc.nat(1), what: fc.option(some), only: fc.boolean() }),
    fc.record({
      do: fc.constant("carry out" as const),
      which: some,
      ends: fc.constantFrom("well", "well", "well", "says no", "stopped" as const),
    }),
    fc.record({ do: fc.constant("retry" as const), which: some }),
    fc.record({ do: fc.constantFrom("quarantine" as const, "lift" as const), what: some }),
  ),
  { minLength: 6, maxLength: 24 },
);

let store: Store;
let place: string;
let plane: ControlPlane;
let placeParts: PlaceParts;
/** Runs that were started, in order, with their plans. */
let started: { readonly run: RunId; readonly plan: RunPlan; ended: boolean }[] = [];

storeForTests(async (opened) => {
  store = opened;
  place = await mkdtemp(join(tmpdir(), "fairway-triggers-"));
  placeParts = {
    data: dataDirectory(place),
    secrets: { values: async () => ({}) } as unknown as PlaceParts["secrets"],
    places: { targetOf: () => ({ observe: async () => new Map() }) } as unknown as Places,
    releaseOf: (id) => releaseById(store, id),
    ...noFlags,
  };
  plane = controlPlane({
    ...placeParts,
    repository: {} as Repository,
    releases: { ...releasesIn(store), newest: async () => (await listReleases(store, { limit: 1 }))[0] ?? null },
    ...rollbackParts(store, { cancel: () => Promise.reject(new Error("nothing moves")) }, placeParts, () => null),
    migrations: noMigrations,
    startRun: start,
    keepProject: async () => undefined,
  });
  return () => rm(place, { recursive: true });
});

async function start(plan: RunPlan, key?: string): Promise<RunId> {
  return store.transaction(async (tx) => {
    const run = await insertRun(tx, plan, key ?? null);
    if (run === undefined) return ((await runByKey(tx, key ?? "")) as { readonly id: RunId }).id;
    started.push({ run: run.id, plan, ended: false });
    return run.id;
  });
}

/** Carries a run out as the engine does: it begins, moves, and is recorded. Answers with the digest that began. */
async function carryOut(one: (typeof started)[number], ends: "well" | "says no" | "stopped"): Promise<string | null> {
  const deployments = deploymentsIn(store);
  const begin = beginStage({ ...placeParts, deployments, migrations: noMigrations, verify: async () => [] });
  const input = one.plan.jobs.find(({ stage }) => stage === "begin")?.input;
  const attempt = {
    run: one.run,
    input,
    results: new Map(),
    signal: new AbortController().signal,
    progress: () => undefined,
    token: async (scope: string) => ({ scope, epoch: 1, holder: one.run }),
    step: (_name: string, work: () => unknown) => work(),
  };
  const { outcome } = await begin.run(attempt as unknown as Attempt);
  const { release } = one.plan.subject as { readonly release: ReleaseId };
  if (outcome === "succeeded") {
    if (ends === "says no")
      await store.rows(
        `insert into fairway.jobs (run, name, place, stage, needs, turn, input, timeout_ms, state, reason, ended_at)
         values ($1, 'rollout:web', 0, 'rollout', '{}', 'after-success', 'null', 0, 'failed', 'no', now()) on conflict do nothing`,
        [one.run],
      );
    await deployments.end(one.run, ends === "well" ? "deployed" : "rolled-back");
  }
  one.ended = true;
  await store.rows("update fairway.runs set ended_at = now() where id = $1", [one.run]);
  return outcome === "succeeded" ? (await releaseById(store, release)).digest : null;
}

const barred = async (): Promise<ReadonlySet<string>> =>
  new Set((await listQuarantine(store)).map(({ digest }) => digest));

function never(): never {
  throw new Error("there are always three releases");
}

/** What was refused, as its code; what went wrong otherwise is thrown. */
async function refusalOf(asked: Promise<unknown>): Promise<string | null> {
  try {
    await asked;
    return null;
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "quarantined" || code === "not_allowed_now" || code === "not_found") return code;
    throw thrown;
  }
}

/** Pulls a trigger. Answers with the digest of what began by it, and checks that what is barred is refused at once. */
async function pull(trigger: Trigger, made: Release[]): Promise<string | null> {
  const pick = (number: number): Release => made[number % made.length] ?? never();
  const before = await barred();
  switch (trigger.do) {
    case "release": {
      const id = await historyIn(store).release(`digest-${trigger.digest}`, {
        project,
        parts: [{ service: "web", artifact: "sha256:a", inputs: "i", takenFrom: null, image: "shop/web" }],
      });
      made.push(await releaseById(store, id));
      return null;
    }
    case "deploy": {
      const name = trigger.where === 0 ? "staging" : "production";
      const named = trigger.what === null ? null : pick(trigger.what);
      const key = trigger.byItself && named ? { key: `run-0/deploy/${named.id}` } : {};
      const code = await refusalOf(plane.deploy({ environment: name, release: named?.id ?? null, by: "ada", ...key }));
      if (named && before.has(named.digest) && code !== "quarantined") throw new Error(`${named.id} was let in`);
      return null;
    }
    case "roll back": {
      const name = trigger.where === 0 ? "staging" : "production";
      const named = trigger.what === null ? null : pick(trigger.what);
      const code = await refusalOf(
        plane.rollbacks.start({
          environment: name,
          release: named?.id ?? null,
          only: trigger.only ? ["web"] : undefined,
          by: "ada",
          because: null,
        }),
      );
      // One that joins another under way begins nothing.
      const joined = started.some(({ ended }) => !ended);
      if (named && before.has(named.digest) && code === null && !joined) throw new Error(`${named.id} was let back`);
      return null;
    }
    case "carry out": {
      const open = started.filter(({ ended }) => !ended);
      const one = open[trigger.which % Math.max(1, open.length)];
      return one ? carryOut(one, trigger.ends) : null;
    }
    case "retry": {
      const over = started.filter(({ ended }) => ended);
      const one = over[trigger.which % Math.max(1, over.length)];
      return one ? carryOut(one, "well") : null;
    }
    case "quarantine":
      await refusalOf(addQuarantine(store, { release: pick(trigger.what).id, by: "ada", reason: "bad" }));
      return null;
    case "lift":
      await refusalOf(liftQuarantine(store, { release: pick(trigger.what).id, by: "bob", reason: "good" }));
      return null;
  }
}

test(
  "no trigger revives a quarantined digest, in whatever order they come, and none but a person lifts it",
  async () => {
    await fc.assert(
      fc.asyncProperty(triggers, async (sequence) => {
        await store.rows("truncate fairway.runs, fairway.releases, fairway.quarantine cascade");
        started = [];
        const made: Release[] = [];
        for (const digest of [0, 1, 2]) await pull({ do: "release", digest }, made);
        for (const trigger of sequence) {
          const before = await barred();
          const began = await pull(trigger, made);
          const after = await barred();
          expect(before).not.toContain(began);
          expect([...before].filter((digest) => trigger.do !== "lift" && !after.has(digest))).toEqual([]);
          for (const name of ["staging", "production"]) {
            const { release } = await plane.rollbacks.lastGood(name);
            expect(after).not.toContain(release && (await releaseById(store, release)).digest);
          }
        }
      }),
      { numRuns: sequences },
    );
  },
  60_000 + sequences * 5_000,
);
