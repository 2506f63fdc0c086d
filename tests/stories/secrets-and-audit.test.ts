import { readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Said } from "./support/command-line.ts";
import { commandLineWith } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { isAlive, until } from "./support/leak-guard.ts";
import { ask } from "./support/requests.ts";
import { twoEnvironments, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

const first = "hush-hush-first-value";
const second = "hush-hush-second-value";

let fairway: Fairway;
beforeAll(async () => {
  const files = webProject(
    { first: "const hidden = process.env.TOKEN ?? 'nothing';", says: "secret" },
    {
      service: { env: { TOKEN: { secret: "TOKEN" } } },
      environments: twoEnvironments({
        services: { web: { replicas: 1, routes: [{ host: "web.staging.localhost" }] } },
      }),
    },
  );
  const said = files["web/server.mjs"]?.replace('says: "secret"', "says: hidden.length");
  fairway = await openFairway({ ...files, "web/server.mjs": said ?? "" });
});
afterAll(() => fairway?.end());

const cli = (words: readonly string[], input = "", env: Readonly<Record<string, string>> = {}): Promise<Said> =>
  commandLineWith({ input, env }, fairway.project.path, fairway.data, ...words);

/** Every file below a directory that has one of the values in it, also as the database or a log would write it. */
async function filesWith(values: readonly string[], directory: string): Promise<readonly string[]> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter(
    // The programs of the database are large, and nobody writes to them.
    (entry) => entry.isFile() && !entry.parentPath.includes("/bin-"),
  );
  const found = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const bytes = await readFile(join(parentPath, name)).catch(() => Buffer.alloc(0));
      return values.some((value) => bytes.includes(value) || bytes.includes(Buffer.from(value).toString("base64")));
    }),
  );
  return files.filter((_, index) => found[index]).map(({ name }) => name);
}

test("a secret is set from the input, given to the service, and shown by nobody", async () => {
  expect(await cli(["secrets", "set", "TOKEN", "--shared"], `${first}\n`)).toMatchObject({ code: 0, err: "" });
  assertEnded(await fairway.release(), "succeeded");
  const { says } = (await ask(fairway, "web.staging.localhost")) as unknown as { readonly says: number };
  expect(says).toBe(first.length);
  const list = await cli(["secrets", "list"]);
  expect(list.out).toMatch(/TOKEN\s+\(shared\)\s+v1/);
  const all = await Promise.all([
    cli(["--json", "secrets", "list"]),
    cli(["--json", "audit", "list"]),
    cli(["--json", "run", "show", "run-1"]),
    cli(["plan", "production"]),
  ]);
  for (const { out, err } of [list, ...all]) expect(out + err).not.toContain(first);
});

test.each([
  [["secrets", "set", "TOKEN=never-said-again", "--shared"], "bad_request"],
  [["secrets", "set", "TOKEN"], "bad_request"],
  [["secrets", "set", "TOKEN", "--shared"], "bad_request"],
  [["secrets", "rollback", "TOKEN", "9", "--shared"], "not_found"],
  [["secrets", "set", "TOKEN", "--env", "../staging"], "bad_request"],
])("%j is refused, and says nothing of a value", async (words, code) => {
  const { code: exit, out } = await cli(["--json", ...words], words.includes("../staging") ? "value" : "");
  expect([exit, (JSON.parse(out) as { readonly error: { readonly code: string } }).error.code]).toEqual([1, code]);
  expect(out).not.toContain("never-said-again");
});

test("a secret that changes between the question and the answer voids the approval", async () => {
  const asked = await fairway.promote();
  expect(asked.state).toBe("waiting");
  await cli(["secrets", "set", "TOKEN", "--env", "production"], second);
  const plan = await cli(["plan", "production"]);
  expect(plan.out).toContain("secrets: TOKEN new → v1");
  expect(await cli(["approve", asked.id, "--yes"])).toMatchObject({ code: 1, err: expect.stringContaining("stale") });
  // Whoever answers the question as it was asked approves nothing either.
  const { state, jobs } = await fairway.approve(asked);
  const begin = jobs.find(({ name }) => name === "begin");
  expect([state, begin?.reason]).toEqual(["failed", expect.stringContaining("TOKEN")]);
});

test("the key is exchanged under what runs, and no value lies anywhere on the disk", async () => {
  expect(await cli(["secrets", "rotate-key"])).toMatchObject({ code: 0 });
  assertEnded(await fairway.ship("Say it again", { "web/note.txt": "again" }), "succeeded");
  expect(await filesWith([first, second], fairway.data)).toEqual([]);
});

test("the record is whole, and an export is verified without the daemon", async () => {
  expect((await cli(["audit", "verify"])).code).toBe(0);
  const file = join(fairway.place, "audit.jsonl");
  expect(await cli(["audit", "export", file])).toMatchObject({ code: 0 });
  const text = await readFile(file, "utf8");
  expect(text).not.toContain(first);
  expect((await cli(["audit", "verify", file])).code).toBe(0);
  await writeFile(file, text.replace(String.raw`\"subject\":\"run-1\"`, String.raw`\"subject\":\"run-2\"`));
  const { code, out } = await cli(["--json", "audit", "verify", file]);
  const bad = text.split("\n").findIndex((line) => line.includes(String.raw`\"subject\":\"run-1\"`));
  const keys = text.split("\n").findIndex((line) => line.includes('"type":"row"'));
  expect([code, JSON.parse(out)]).toEqual([1, expect.objectContaining({ whole: false, firstBad: bad - keys + 1 })]);
});

test("a backup does not open without the key that was kept apart", async () => {
  const backup = join(fairway.place, "backup");
  const key = join(fairway.place, "key");
  const made = await cli(["backup", backup, "--with-key", key]);
  expect(made).toMatchObject({ code: 0 });
  expect(made.out).toContain("keep that apart from the backup");
  const { pid } = fairway;
  await fairway.client.call("shutdown", { keepServices: false });
  await until(() => !isAlive(pid), "the daemon has ended", 30_000);

  const elsewhere = { XDG_CONFIG_HOME: join(fairway.place, "another-machine") };
  const refused = await cli(["--json", "restore", backup, "--yes"], "", elsewhere);
  expect([refused.code, refused.out]).toEqual([2, expect.stringContaining("key_unusable")]);
  expect(await readdir(join(fairway.data, "database"))).not.toContainEqual(expect.stringContaining("before-restore"));
  expect(await cli(["restore", backup, "--yes", "--key", key], "", elsewhere)).toMatchObject({ code: 0 });
  await rename(join(elsewhere.XDG_CONFIG_HOME, "fairway", "keys"), join(fairway.place, "keys"));
  await rm(elsewhere.XDG_CONFIG_HOME, { recursive: true, force: true });

  await fairway.start();
  const verified = await cli(["audit", "verify"]);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining("a backup took the record back")]);
  expect((await cli(["audit", "list", "--action", "backup"])).out).toContain("backup.restored");
  expect((await cli(["secrets", "list"])).out).toMatch(/TOKEN\s+production\s+v1/);
  await fairway.assertHealthy();
});
