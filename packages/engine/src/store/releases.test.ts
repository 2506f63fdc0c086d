import type { RunId } from "@fairway/core";
import { releaseId } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FreshDatabase } from "../database/test-database.ts";
import { freshDatabase } from "../database/test-database.ts";
import type { NewRelease, SignedRelease } from "../stages/releases.ts";
import { migrate } from "./migrate.ts";
import { keylessProofOf } from "./keyless-proofs.ts";
import { listReleases, releasesIn } from "./releases.ts";
import { insertRun } from "./runs.ts";
import type { Store } from "./store.ts";
import { openStore } from "./store.ts";

let database: FreshDatabase;
let store: Store;
beforeAll(async () => {
  database = await freshDatabase();
  store = openStore({ connectionString: database.connectionString, max: 8 });
  await Promise.all([migrate(store), migrate(store), migrate(store)]);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const newRun = async (): Promise<RunId> => {
  const run = await store.transaction((tx) =>
    insertRun(tx, { kind: "release", title: "t", subject: null, requestedBy: "ana", jobs: [] }, null),
  );
  return (run as NonNullable<typeof run>).id;
};

const signed = (release: NewRelease): SignedRelease => ({
  release,
  envelope: { payloadType: "", payload: "", signatures: [] },
});

const release = (inputs: string): NewRelease => ({
  digest: `sha256:${inputs}`,
  revision: {
    sha: "a".repeat(40),
    short: "aaaaaaa",
    subject: "zero \0 byte",
    author: "ana",
    committedAt: "2026-11-21T00:00:00Z",
    ref: null,
  },
  project: { name: "market", services: [], environments: [] },
  parts: [{ service: "api", artifact: `sha256:artifact-${inputs}`, inputs, takenFrom: null }],
  leftOut: [],
});

test("releases are numbered without gaps, one for each run, and what they were built from is found again", async () => {
  const releases = releasesIn(store);
  const [one, two] = [await newRun(), await newRun()];
  const made = await Promise.all([
    releases.keep(one, signed(release("i1"))),
    releases.keep(two, signed(release("i2"))),
    releases.keep(one, signed(release("i1"))),
  ]);
  expect(new Set(made.map(({ id }) => id))).toEqual(new Set(["r1", "r2"]));
  expect(made[0]).toEqual(made[2]);
  expect(made[0].revision.subject).toBe("zero \0 byte");
  expect((await listReleases(store)).map(({ id }) => id)).toEqual(["r2", "r1"]);
  expect(
    (
      await releases.builtFrom(
        new Map([
          ["api", "i1"],
          ["web", "i1"],
        ]),
      )
    ).get("api"),
  ).toEqual({ artifact: "sha256:artifact-i1", builtIn: made[0].id });
  await expect(releases.byId(releaseId(99))).rejects.toMatchObject({ code: "not_found" });
});

test("a database of a newer Fairway, or one whose migrations were altered, is refused", async () => {
  await store.rows("update fairway.migrations set checksum = 'x' where number = 1");
  await expect(migrate(store)).rejects.toMatchObject({
    code: "database_unusable",
    message: expect.stringMatching(/not what was applied/),
  });
  await store.rows("insert into fairway.migrations (number, name, checksum) values (99, 'later', 'y')");
  await expect(migrate(store)).rejects.toMatchObject({
    code: "database_unusable",
    message: expect.stringMatching(/newer Fairway/),
  });
});

test("what a release was signed with by who somebody is stays with it, and others have none", async () => {
  const releases = releasesIn(store);
  const proof = { bundle: '{"mediaType":"b"}', trustedRoot: "{}" };
  const [proven, plain] = [
    await releases.keep(await newRun(), { ...signed(release("k1")), keyless: proof }),
    await releases.keep(await newRun(), signed(release("k2"))),
  ];
  expect(await keylessProofOf(store, proven.id)).toEqual(proof);
  expect(await keylessProofOf(store, plain.id)).toBe(null);
  expect(await keylessProofOf(store, releaseId(9999))).toBe(null);
});
