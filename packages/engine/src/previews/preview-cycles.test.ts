import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { crashing, crashingHost, crashingRouter, memoryHost, memoryRouter, specOf } from "@fairway/conformance";
import type { Forge, ForgeEvent, OpenPull, Project, ReleaseId, Repository, Rollout } from "@fairway/core";
import { defaultRolling, driven, messageOf, previewProject, rolloutId, scopeOf } from "@fairway/core";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import type { Place, Places } from "../rollouts/places.ts";
import type { EngineUnderTest } from "../runs/engine-for-tests.ts";
import { engineUnderTest } from "../runs/engine-for-tests.ts";
import type { Attempt, JobPlan, Outcome, RunPlan } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { knownRefs } from "../store/known-refs.ts";
import { livePreviews } from "../store/previews.ts";
import type { Store } from "../store/store.ts";
import { movesSince } from "../triggers/moves-since.ts";
import { takeEvent } from "../triggers/take-deliveries.ts";
import { endPreviewStage } from "./end-preview.ts";
import type { PreviewControl } from "./preview-control.ts";
import { previewControl } from "./preview-control.ts";
import { databaseUrlIn, openedPreviewDatabases } from "./preview-database.ts";

/** A few in the suite. Real databases, runs, locks and fences; only building, processes and the router are in memory. */
const cycles = Number(process.env["FAIRWAY_PREVIEW_CYCLES"] ?? 4);
const atOnce = 4;
const lost = 0.1;

const main = {
  name: "shop",
  services: [{ name: "web", dependsOn: [], env: {}, run: ["node"], database: true }],
  environments: [
    {
      name: "staging",
      variables: {},
      placements: [
        { service: "web", replicas: 1, strategy: defaultRolling, env: {}, routes: [{ host: "a", path: "/" }] },
      ],
    },
  ],
  previews: {
    inherits: "staging",
    domain: "fairway.localhost",
    front: null,
    replicas: 1,
    variables: {},
    flags: null,
    database: { per: "database", copyOf: {}, seed: {} },
    pullRequests: true,
    forks: "approve",
    most: 10,
    sleepAfter: null,
    endAfter: 1_000_000_000,
  },
} as unknown as Project;

let world: EngineUnderTest;
let root: string;
let next = 0;
const hosts = new Map<string, ReturnType<typeof memoryHost>>();
const router = memoryRouter();
/** What the forge has. */
const open = new Map<number, OpenPull>();

const forge: Forge = {
  name: "github",
  takes: new Set(),
  lookEvery: 1,
  readDelivery: async () => ({ accepted: false, status: 404, why: "no" }),
  fetch: async () => undefined,
  look: async () => ({ refs: new Map(), pulls: [...open.values()] }),
  report: async () => ({ outcome: "refused", why: "no" }),
};

const hostOf = (place: Pick<Place, "environment" | "service">) => {
  const scope = scopeOf(place.environment, place.service);
  const found = hosts.get(scope) ?? memoryHost({ tickOnList: true });
  hosts.set(scope, found);
  return found;
};
/** How many more things endings do until one of them is killed, just before it or just after. */
let untilKilled = 1;
let kills = 0;
const isKilled = (): boolean => (untilKilled -= 1) === 0;
const placesThat = (crash: () => boolean): Omit<Places, "databaseUrl"> =>
  ({
    targetOf: (place: Place) =>
      driven({
        host: crashingHost(hostOf(place), crash),
        router: crashingRouter(router, crash),
        route: place.route,
        specOf: async (release, ordinal) => specOf(release, ordinal),
        stop: { drain: 1, grace: 1 },
        lookAgain: 1,
      }),
    standing: async () => {
      const there = [...hosts].filter(([, host]) => host.census().alive > 0).map(([scope]) => scope);
      return [...new Set([...there, ...Object.keys(router.table.routes)])].map((scope) => {
        const [environment = "", service = ""] = scope.split("/");
        return { environment, service };
      });
    },
    publicUrl: (host: string, path: string) => `http://${host}${path}`,
    traffic: async () => null,
  }) as unknown as Omit<Places, "databaseUrl">;
const bare = placesThat(() => false);

let places: Places;
let databases: ReturnType<typeof openedPreviewDatabases>;

const lockOf = (environment: string): JobPlan["input"] =>
  asJson({ environment, urgent: false, queue: "all", order: null, yields: false });
const job = (name: string, stage: string, needs: readonly string[], input: JobPlan["input"]): JobPlan => ({
  name,
  stage,
  needs,
  turn: "after-success",
  input,
  timeout: stage === "lock" ? 0 : 60_000,
});

/** Makes and deploys what is nothing but a name, by runs that are real. */
const plane = (): Pick<ControlPlane, "makeRelease" | "deploy"> => ({
  makeRelease: async ({ preview, key = "" }) => {
    if (preview === undefined) throw new Error("only previews are made here");
    const project = asJson(previewProject(main, preview));
    const jobs = [job("release", "release", [], { project })];
    const plan: RunPlan = { kind: "release", title: preview.name, subject: {}, requestedBy: "dana", jobs };
    return world.engine.startRun(plan, { key });
  },
  deploy: async ({ environment, release, key = "" }) => {
    const jobs = [
      job("lock", "lock", [], lockOf(environment)),
      job("rollout", "rollout", ["lock"], { environment, release }),
    ];
    const plan: RunPlan = { kind: "deployment", title: environment, subject: {}, requestedBy: "dana", jobs };
    return world.engine.startRun(plan, { key });
  },
});

async function release({ run, input }: Attempt): Promise<Outcome> {
  next += 1;
  await world.store.rows(
    `insert into fairway.releases (number, run, digest, sha, contents, preview) values ($1, $2, $2, '', $3, 'x') on conflict do nothing`,
    [next, run, JSON.stringify({ ...(input as object), parts: [] })],
  );
  const [row] = await world.store.rows<{ id: string }>("select id from fairway.releases where run = $1", [run]);
  return { outcome: "succeeded", result: { release: row?.id ?? "" } };
}

async function rollout({ run, input, token }: Attempt): Promise<Outcome> {
  const { environment, release: to } = input as { readonly environment: string; readonly release: string };
  const place = { environment, service: "web" };
  const route = { name: scopeOf(environment, "web"), rules: [], internalPath: `/${environment}/web`, health: {} };
  await places.databaseUrl(environment, "web");
  const wanted: Rollout = {
    id: rolloutId(run, "web"),
    ...place,
    from: null,
    to: to as ReleaseId,
    desired: 1,
    strategy: defaultRolling,
    token: await token(scopeOf(environment, "web")),
  };
  await places.targetOf({ ...place, route } as unknown as Place).keep?.(wanted);
  return { outcome: "succeeded", result: null };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-previews-"));
  const late = { run: (attempt: Attempt): Promise<Outcome> => endedInTheEnd(attempt) };
  world = await engineUnderTest({
    stages: [
      { name: "release", run: release },
      { name: "rollout", run: rollout },
      { name: "end-preview", run: late.run },
    ],
  });
  databases = openedPreviewDatabases(world.store, {
    url: world.database.connectionString,
    ownRoles: true,
    copy: "files",
  });
  places = { ...bare, databaseUrl: databaseUrlIn(world.store, bare as Places, databases) };
  const store = new Proxy(world.store, {
    get: (target, key) =>
      key === "transaction"
        ? (work: Parameters<Store["transaction"]>[0]) => crashing(isKilled, "commit", () => target.transaction(work))
        : (Reflect.get(target, key, target) as unknown),
  });
  const ending = endPreviewStage({
    store,
    data: dataDirectory(root),
    places: { ...places, ...placesThat(isKilled) },
    databases: async (of) => {
      const server = await databases(of);
      return server && { ...server, close: (place) => crashing(isKilled, "drop", () => server.close(place)) };
    },
  });
  /** Whoever is killed comes back and begins again with whatever was done and not written down. */
  async function endedInTheEnd(attempt: Attempt): Promise<Outcome> {
    const step: Attempt["step"] = (name, work) => crashing(isKilled, name, () => attempt.step(name, work));
    for (;;)
      try {
        return await ending.run({ ...attempt, step });
      } catch (thrown) {
        // What a step throws comes back as another Error with the same words.
        if (!messageOf(thrown).startsWith("crashed ")) throw thrown;
        kills += 1;
        untilKilled = 1 + Math.floor(chance() * 25);
      }
  }
});
afterAll(async () => {
  await world.close();
  await rm(root, { recursive: true, force: true });
});

/** A daemon that has just come: it knows nothing but what is in the rows. */
const daemon = (): PreviewControl =>
  previewControl({
    store: world.store,
    engine: world.engine,
    plane: plane(),
    repository: {
      resolve: async (sha: string) => ({ sha, short: sha.slice(0, 7), ref: sha }),
    } as unknown as Repository,
    places,
    databases,
    forge: async () => ({ forge, project: main }),
    history: async () => ({ tip: async () => null }) as never,
    project: async () => main,
    now: Date.now,
    log: (_level, message) => expect(message).not.toContain("no preview"),
  });

const takeParts = () => ({
  store: world.store,
  repository: { changedPaths: async () => undefined } as unknown as Repository,
  history: { tip: async () => null, messageOf: async () => null } as never,
  forge,
  read: null,
  workflows: false,
});

let seed = 7;
/** The same sequence each time. */
const chance = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;

async function told(event: ForgeEvent): Promise<void> {
  if (chance() >= lost) await takeEvent(takeParts(), event, null);
}
async function lookedAt(): Promise<void> {
  const state = await forge.look();
  if (state === null) return;
  for (const move of movesSince(await knownRefs(world.store, forge.name), state))
    await takeEvent(takeParts(), move.event, { ...move, isFirst: false });
}

const pullEvent = (number: number, action: "opened" | "closed"): ForgeEvent => {
  const sha = number.toString(16).padStart(40, "a");
  const pull: OpenPull = {
    number,
    title: "$(id)",
    head: { ref: "a;b", sha },
    base: { ref: "main", sha: null },
    fromFork: false,
    by: "dana",
  };
  if (action === "opened") open.set(number, pull);
  else open.delete(number);
  const state = action === "opened" ? "open" : "closed";
  return {
    kind: "pull-request",
    name: "pull_request",
    payload: null,
    action,
    state,
    message: null,
    changedAt: null,
    ...pull,
  };
};

async function settled(previews: PreviewControl, holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await previews.work();
    await wait(10);
  }
}

async function databasesThere(): Promise<number> {
  const client = new Client({ connectionString: world.database.connectionString });
  await client.connect();
  try {
    const [{ name }] = (
      await client.query<{ name: string }>(
        "select value #>> '{}' as name from fairway.settings where name = 'installation'",
      )
    ).rows as [{ name: string }];
    const { previewDatabaseName } = await import("../databases/preview-name.ts");
    const mine = previewDatabaseName(name, { preview: "x", service: "y" }).slice(0, 15);
    const found = await client.query(
      "select datname from pg_database where datname like $1 || '%' union select rolname from pg_roles where rolname like $1 || '%'",
      [mine],
    );
    return found.rowCount ?? 0;
  } finally {
    await client.end();
  }
}

test(
  `${cycles} previews are opened and closed, every tenth word of the forge is lost, endings are killed, and nothing is left`,
  { timeout: 60_000 + cycles * 5_000 },
  async () => {
    for (let first = 1; first <= cycles; first += atOnce) {
      const numbers = Array.from({ length: Math.min(atOnce, cycles - first + 1) }, (_, index) => first + index);
      let previews = daemon();
      for (const number of numbers) await told(pullEvent(number, "opened"));
      // One is closed while it is being made.
      if (first % 3 === 1) {
        await previews.work();
        await told(pullEvent(first, "closed"));
      }
      await lookedAt();
      const wanted = numbers.filter((number) => open.has(number)).map((number) => `pr-${number}`);
      await settled(previews, async () => {
        const ready = (await previews.list({ ended: false, limit: 100 })).filter(
          ({ standing }) => standing === "ready",
        );
        return wanted.every((name) => ready.some(({ preview }) => preview.name === name));
      });
      previews = daemon();
      for (const number of numbers.filter((one) => open.has(one))) await told(pullEvent(number, "closed"));
      await lookedAt();
      await settled(previews, async () => (await livePreviews(world.store)).length === 0);
    }
    expect(kills).toBeGreaterThan(0);
    // A sweep finds nothing that belongs to nobody, and says so if it did.
    await daemon().sweep();
    expect([...hosts.values()].map((host) => host.census().alive).filter((alive) => alive > 0)).toEqual([]);
    expect(Object.keys(router.table.routes)).toEqual([]);
    expect(await databasesThere()).toBe(0);
    expect(await world.store.rows("select environment from fairway.environment_locks")).toEqual([]);
    expect(await livePreviews(world.store)).toEqual([]);
    expect(await world.store.rows("select from fairway.previews limit 1")).toHaveLength(1);
  },
);
