import type { MemoryRegistry } from "@fairway/conformance";
import { memoryRegistry } from "@fairway/conformance";
import type { Digest, Project, RegistryAccess, ReleaseId, RunId } from "@fairway/core";
import { expect, test } from "vitest";
import type { RunPlan } from "../runs/stage.ts";
import { insertJobs } from "../store/jobs.ts";
import { releasesIn } from "../store/releases.ts";
import { insertRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { holdImages } from "./hold-images.ts";
import { tidyImages } from "./tidy-images.ts";

const server = "registry.example/shop";
const project: Project = { name: "shop", registry: { server, keep: 1 }, services: [], environments: [] };
const plan: RunPlan = { kind: "release", title: "t", subject: null, requestedBy: "ana", jobs: [] };

let store: Store;
let registry: MemoryRegistry;
storeForTests((opened) => {
  store = opened;
  registry = memoryRegistry();
});

const begun = async (over: Partial<RunPlan> = {}): Promise<RunId> => {
  const wanted = { ...plan, ...over };
  return store.transaction(async (tx) => {
    const run = await insertRun(tx, wanted, null);
    if (!run) throw new Error("there is a run of this key");
    await insertJobs(tx, run.id, wanted.jobs);
    return run.id;
  });
};
const ended = (run: RunId): Promise<unknown> =>
  store.rows("update fairway.runs set ended_at = now() where id = $1", [run]);
const released = async (artifact: Digest): Promise<ReleaseId> => {
  const run = await begun();
  const { id } = await releasesIn(store).keep(run, {
    envelope: { payloadType: "", payload: "", signatures: [] },
    release: {
      digest: `sha256:${run}`,
      revision: {
        sha: "a".repeat(40),
        short: "aaaaaaa",
        subject: "s",
        author: "ana",
        committedAt: "2026-11-21T00:00:00Z",
        ref: null,
      },
      project,
      parts: [{ service: "api", artifact, inputs: artifact, takenFrom: null, image: `${server}/api` }],
      leftOut: [],
    },
  });
  await ended(run);
  return id;
};
const tidied = async (over: Partial<Project> = {}): Promise<number> =>
  (
    await tidyImages({
      store,
      secrets: { lookUp: async () => ({}) },
      openRegistry: registry.open,
      project: async () => ({ ...project, ...over }),
    })
  ).registry;
const there = (): readonly string[] => registry.images().map((name) => name.slice(name.indexOf("@") + 1));

test("of a registry only images of releases go that nobody needs, and each is asked for once", async () => {
  const stranger = registry.put("shop/api", "of-somebody-else");
  const [running, old, newest] = ["running", "old", "newest"].map((tag) => registry.put("shop/api", tag)) as [
    Digest,
    Digest,
    Digest,
  ];
  const first = await released(running);
  await released(old);
  await released(newest);
  const deployment = await begun({ kind: "deployment" });
  await store.rows(
    `insert into fairway.deployments (run, environment, release, reason, digest, outcome, place) values ($1, 'staging', $2, 'deploy', '', 'deployed', 1)`,
    [deployment, first],
  );

  expect(await tidied({ registry: { server } })).toBe(0);
  // A run takes it over meanwhile.
  const underway = await begun({
    jobs: [
      {
        name: "release",
        stage: "release",
        needs: [],
        turn: "after-success",
        timeout: 1,
        input: { takenOver: [{ service: "api", artifact: old, image: `${server}/api` }] },
      },
    ],
  });
  expect(await tidied()).toBe(0);
  await ended(underway);

  expect(await tidied()).toBe(1);
  expect(there()).toEqual([stranger, running, newest]);
  expect(await tidied()).toBe(0);
  // Nobody takes it over any more.
  expect((await releasesIn(store).builtFrom(new Map([["api", old]]))).size).toBe(0);
});

test("images that releases need are held at a registry that tidies by itself, and what it lacks is told", async () => {
  await released("sha256:held-1");
  await released("sha256:held-2");
  const held: { readonly at: string; readonly digests: readonly string[]; readonly holder: string }[] = [];
  const told: string[] = [];
  const hold = async (
    host: string,
    repository: string,
    digests: readonly string[],
    holder: string,
  ): Promise<readonly string[]> => {
    held.push({ at: `${host}/${repository}`, digests, holder });
    return ["one is not there"];
  };
  const openRegistry = Object.assign((access: RegistryAccess) => registry.open(access), { hold });
  const parts = { store, openRegistry, tell: (message: string) => void told.push(message) };
  await holdImages({ ...parts, project: async () => ({ ...project, registry: { server, keep: 1 } }) });
  expect(held.map(({ at }) => at)).toEqual([`${server}/api`]);
  expect(held[0]?.digests).toContain("sha256:held-2");
  expect(held[0]?.digests).not.toContain("sha256:held-1");
  expect(told).toEqual(["one is not there"]);
  // Without a number of the configuration's own the newest fifty are.
  await holdImages({ ...parts, project: async () => ({ ...project, registry: { server } }) });
  expect(held[1]?.digests).toEqual(expect.arrayContaining(["sha256:held-1", "sha256:held-2"]));
  await holdImages({ ...parts, openRegistry: registry.open, project: async () => project });
  expect(held).toHaveLength(2);
  expect(new Set(held.map(({ holder }) => holder)).size).toBe(1);
});
