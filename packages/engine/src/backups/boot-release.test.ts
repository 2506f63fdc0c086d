import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Digest, PlannedBoot, Release } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { artifactDirectory, storeArtifact } from "../artifacts/store-artifact.ts";
import { programOf } from "../database/binaries.ts";
import type { IsolatedServer } from "../database/isolated-server.ts";
import { startIsolated } from "../database/isolated-server.ts";
import { chooseServerUser } from "../database/server-user.ts";
import type { ScratchDirectory } from "../database/test-database.ts";
import { scratchDirectory } from "../database/test-database.ts";
import { bootRelease } from "./boot-release.ts";
import type { DrillFinding } from "./drill-parts.ts";
import { emptyCluster } from "./empty-cluster.ts";
import { postgresPrograms } from "./postgres-programs.ts";
import { removeTree } from "../artifacts/remove-tree.ts";

// A real server, and a program beside it.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const canRun = needs("postgresql", "namespaces");
const token = "of-the-copy-alone";

// Is well where it reaches its database and was told what it needs, and says what it is otherwise.
const shop = `
const { Client } = require(process.env.PG_MODULE);
const { DATABASE_URL, GREETING, TOKEN, PAID = "nothing" } = process.env;
const url = new URL(DATABASE_URL);
if (TOKEN !== ${JSON.stringify(token)}) { console.error("a token is wrong: " + TOKEN); process.exit(4); }
const client = new Client({ host: url.searchParams.get("host"), user: url.username, port: Number(url.port), database: url.pathname.slice(1) });
client.connect().then(() => client.query("select 1")).then(() =>
  require("node:http").createServer((request, answer) => answer.writeHead(request.url === "/up" && GREETING === "hello" && PAID === "nothing" ? 200 : 503).end())
    .listen(Number(process.env.PORT), process.env.HOST));
`;

let scratch: ScratchDirectory;
let server: IsolatedServer;
let artifacts: string;
let artifact: Digest;
let places = 0;
let given: string[];

beforeAll(async () => {
  if (!canRun) return;
  scratch = await scratchDirectory();
  const binaries = postgresPrograms("1");
  const runnable = { binaries, user: await chooseServerUser(programOf(binaries, "postgres"), scratch.path) };
  await emptyCluster(join(scratch.path, "copy"), runnable);
  server = await startIsolated(join(scratch.path, "copy"), runnable, 120_000);
});
afterAll(async () => {
  await server?.stop();
  await scratch?.remove();
});
beforeEach(async () => {
  if (!canRun) return;
  given = [];
  artifacts = join(scratch.path, `artifacts-${++places}`);
  const built = join(scratch.path, `built-${places}`);
  await mkdir(built);
  await writeFile(join(built, "main.js"), shop);
  artifact = (await storeArtifact(built, artifacts)).digest;
});

/** What was started before goes with the copy alone, so each has a port of its own. */
const boot = (): PlannedBoot => ({
  ...{ service: "web", path: "/up", port: 8000 + places, within: 120_000 },
  secrets: { TOKEN: "COPY_TOKEN" },
});
const pg = createRequire(import.meta.url).resolve("pg");

const released = (over: { readonly image?: string; readonly run?: null } = {}): Release =>
  ({
    id: "r7",
    parts: [{ service: "web", artifact, ...(over.image === undefined ? {} : { image: over.image }) }],
    project: {
      services: [{ name: "web", run: over.run === null ? null : [process.execPath, "main.js"] }],
      environments: [
        {
          name: "production",
          placements: [
            {
              service: "web",
              env: {
                GREETING: "hello",
                PG_MODULE: pg,
                PAID: { secret: "STRIPE_KEY" },
                DATABASE_URL: "postgresql://production",
              },
            },
          ],
        },
      ],
    },
  }) as unknown as Release;

interface World {
  readonly release?: Release | null;
  readonly secret?: string;
  readonly archived?: (release: Release, into: string) => Promise<string>;
}

async function booted({ release = released(), secret = token, archived }: World = {}): Promise<DrillFinding> {
  const place = join(scratch.path, `place-${++places}`);
  await mkdir(place);
  const found = await bootRelease(
    boot(),
    {
      ...{ artifacts, environment: "production", current: async () => release },
      secrets: async (names) => {
        given.push(...names);
        return Object.fromEntries(names.map((name) => [name, secret]));
      },
      ...(archived === undefined ? {} : { archived }),
    },
    server,
    place,
  );
  await removeTree(place);
  return found;
}

describe.skipIf(!canRun)("what production runs, started beside a copy of its database", () => {
  test("is well with its variables there, and is told no secret of production's", async () => {
    expect(await booted()).toEqual({
      ...{ outcome: "passed", why: "web of r7: it answered 200" },
      facts: { release: "r7", artifact },
    });
    expect(given).toEqual(["COPY_TOKEN"]);
  });

  test("comes from the archive where there is one, and not from the store", async () => {
    const archive = join(scratch.path, `archive-${++places}`);
    const into: string[] = [];
    const found = await booted({
      archived: async (release, directory) => {
        into.push(`${release.id} ${directory.slice(scratch.path.length + 1)}`);
        await storeArtifact(artifactDirectory(artifact, artifacts), archive);
        await removeTree(artifacts);
        return archive;
      },
    });
    expect(found.outcome).toBe("passed");
    expect(into).toEqual([`r7 place-${places}/archive`]);
    const gone = async (): Promise<string> => {
      throw new FairwayError("not_found", "the files of r7 are not archived");
    };
    await expect(booted({ archived: gone })).rejects.toMatchObject({ message: "the files of r7 are not archived" });
  });

  test("is not started where a byte of it is another", async () => {
    const file = join(artifactDirectory(artifact, artifacts), "main.js");
    await chmod(file, 0o644);
    await writeFile(file, `${await readFile(file, "utf8")} `);
    await expect(booted()).rejects.toMatchObject({ code: "artifact_damaged" });
    expect(given).toEqual([]);
  });

  test("says why it is not well, without a value that it was told", async () => {
    const found = await booted({ secret: "another-token" });
    expect(found).toMatchObject({ outcome: "failed", why: "web of r7: it ended with 4: a token is wrong: ***" });
  });

  test("is left out where there is nothing to start, and fails where there should be", async () => {
    expect(await booted({ release: null })).toMatchObject({ outcome: "left-out" });
    expect(await booted({ release: released({ image: "registry/web" }) })).toMatchObject({
      ...{ outcome: "left-out", why: expect.stringContaining("container engine") as string },
    });
    expect(await booted({ release: released({ run: null }) })).toEqual({
      ...{ outcome: "failed", why: "r7 has no service web that runs" },
    });
  });
});
