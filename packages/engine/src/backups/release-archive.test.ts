import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { Digest, Release, ReleaseId } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { storeArtifact } from "../artifacts/store-artifact.ts";
import { removeTree } from "../artifacts/remove-tree.ts";
import { verifyArtifact } from "../artifacts/verify-artifact.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { dutyControl } from "../duties/duty-control.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { ReleaseArchive } from "./release-archive.ts";
import { releaseArchive } from "./release-archive.ts";
import type { ResticBackups } from "./restic-backups.ts";
import { resticBackups } from "./restic-backups.ts";

// restic derives its key with scrypt, which takes a processor for half a second each time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let store: Store;
let scratch: string;
let artifacts: string;
let duties: DutyControl;
let now: number;
let repository: string;
let worlds = 0;
storeForTests((opened) => void (store = opened));

beforeAll(async () => void (scratch = await realpath(await mkdtemp(join(tmpdir(), "fairway-archive-")))));
afterAll(() => removeTree(scratch));

const parts = new Map<string, Release>();

async function artifactOf(text: string): Promise<Digest> {
  const built = join(scratch, `built-${++worlds}`);
  await mkdir(built);
  await writeFile(join(built, "main.js"), text);
  return (await storeArtifact(built, artifacts)).digest;
}

/** A release of these artifacts, deployed to an environment so long ago. */
async function deployed(built: readonly Digest[], ago: number, environment = "production"): Promise<ReleaseId> {
  const [run] = await store.rows<{ id: string }>(
    "insert into fairway.runs (kind, title, subject, requested_by) values ('deployment', '', '{}', 'ada') returning id",
  );
  const [row] = await store.rows<{ id: ReleaseId }>(
    `insert into fairway.releases (number, run, digest, sha, contents) select coalesce(max(number), 0) + 1, $1, $1, 's', '{}' from fairway.releases
     returning id`,
    [run?.id],
  );
  await store.rows(
    `insert into fairway.deployments (run, environment, release, reason, digest, outcome, ended_at, place)
     values ($1, $2, $3, 'deploy', '', 'deployed', $4, nextval('fairway.deployments_place'))`,
    [run?.id, environment, row?.id, new Date(now - ago)],
  );
  const id = row?.id ?? ("" as ReleaseId);
  parts.set(id, {
    id,
    parts: built.map((artifact, index) => ({ service: `s${index}`, artifact })),
  } as unknown as Release);
  return id;
}

const minute = 60_000;
const restic = (closing = new AbortController().signal): ResticBackups =>
  resticBackups({
    ...{ repository, closing, password: async () => "one", env: async () => ({}) },
    source: () => Promise.reject(new Error("nobody takes it by itself")),
  });

const archiveOf = (watched = false, closing = new AbortController().signal): ReleaseArchive =>
  releaseArchive({
    ...{ store, duties, artifacts, watched, closing, repository: restic(closing), now: () => now },
    releaseOf: async (id) => parts.get(id)!,
    ...{ duty: "backup/files", environment: "production", within: 60 * minute },
  });

const said = async (release: ReleaseId): Promise<readonly string[]> =>
  (await duties.evidence({ duty: "backup/files", release, limit: 20 }))
    .map(({ outcome, note }) => `${outcome}: ${note.replace(/in [0-9a-f]{8}/u, "in it")}`)
    .toReversed();
const shown = (count: number): string => `passed: ${count} artifacts in it, read from the repository`;

beforeEach(async () => {
  now = Date.now();
  await store.rows("delete from fairway.deployments");
  [artifacts, repository] = [join(scratch, `store-${++worlds}`), join(scratch, `restic-${worlds}`)];
  duties = dutyControl({
    ...{ store, scratch, clock: cronClock, now: () => now },
    repository: {
      checkout: async (_sha, to) => {
        await mkdir(join(to, "ops"), { recursive: true });
        await writeFile(join(to, "ops/people.yaml"), "roles:\n  lead:\n    people: [{ name: ada }]\n");
        await writeFile(
          join(to, "ops/backups.yaml"),
          `backups:\n  files: { driver: restic, environment: production, owner: lead, repository: ${repository}, password: RESTIC, within: 60m }\n`,
        );
      },
    },
  });
  await duties.reader.look(`${worlds}`.padStart(40, "0"));
});

describe.skipIf(!needs("restic", "time"))("files of releases", () => {
  test("are archived after each deployment, once, and what was deployed while nobody was there is caught up on", async () => {
    expect((await duties.inForce()).problems).toEqual([]);
    const [one, two] = [await artifactOf("one"), await artifactOf("two")];
    const [first, second] = [await deployed([one], 90 * minute), await deployed([one, two], minute)];
    const elsewhere = await deployed([two], minute, "staging");
    const archive = archiveOf();
    expect(await archive.lookAfter()).toEqual([]);
    expect(await archive.lookAfter()).toEqual([]);
    // Another daemon reads what is there, and makes none again.
    now += 61 * minute;
    expect(await archiveOf().lookAfter()).toEqual([]);
    expect(await said(first)).toEqual([shown(1)]);
    expect(await said(second)).toEqual([shown(2)]);
    expect(await said(elsewhere)).toEqual([]);
    expect(await restic().snapshots()).toHaveLength(2);
    // What is there is all of it: the store may be gone.
    const [made] = await restic().tagged(`release=${second}`);
    const back = join(scratch, `back-${worlds}`);
    await restic().restore(made?.id ?? "", back);
    for (const artifact of [one, two]) await verifyArtifact(artifact, back);
  });

  test("are late where nobody archives them in time, and are archived where each artifact is there", async () => {
    const [one, two] = [await artifactOf("three"), await artifactOf("four")];
    const id = await deployed([one, two], 59 * minute);
    const watched = archiveOf(true);
    expect(await watched.lookAfter()).toEqual([]);
    now += 2 * minute;
    const why = expect.stringContaining("not all of its 2 artifacts are in restic") as string;
    expect(await watched.lookAfter()).toEqual([{ release: id, why }]);
    const tell = (...paths: readonly string[]): number | null =>
      spawnSync(
        "restic",
        [
          "--repo",
          repository,
          "--no-cache",
          "backup",
          "--tag",
          `release=${id}`,
          ...paths.map((path) => path.replace(":", "/")),
        ],
        { cwd: artifacts, env: { ...process.env, RESTIC_PASSWORD: "one" } },
      ).status;
    spawnSync("restic", ["--repo", repository, "init"], { env: { ...process.env, RESTIC_PASSWORD: "one" } });
    // Half of them under the release's own tag.
    expect(tell(one)).toBe(0);
    expect(await watched.lookAfter()).toEqual([{ release: id, why }]);
    expect(tell(one, two)).toBe(0);
    now += minute;
    expect(await watched.lookAfter()).toEqual([]);
    const [standing] = (await duties.standings({ release: id })).filter(({ duty }) => duty.id === "backup/files");
    expect(standing?.state).toBe("ok");
  });

  test("that are gone from the archive are archived again, and a daemon's end is no failure", async () => {
    const id = await deployed([await artifactOf("five")], minute);
    expect(await archiveOf().lookAfter()).toEqual([]);
    await rm(repository, { recursive: true });
    const ending = new AbortController();
    ending.abort();
    await archiveOf(false, ending.signal).lookAfter();
    expect(await said(id)).toEqual([shown(1)]);
    expect(await archiveOf().lookAfter()).toEqual([]);
    expect(await said(id)).toEqual([shown(1), shown(1)]);
  });

  test("that are images have nothing to archive, and say so", async () => {
    const artifact = await artifactOf("six");
    const id = await deployed([artifact], minute);
    parts.set(id, { id, parts: [{ service: "web", artifact, image: "registry/web" }] } as unknown as Release);
    expect(await archiveOf().lookAfter()).toEqual([]);
    expect(await said(id)).toEqual(["passed: all of it is images, kept by their registry"]);
  });
});
