import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RotationRun } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandMarker } from "../commands/processes.ts";
import { addressFor, letIn, newPassword } from "../database/role-rotation.ts";
import type { ExchangesUnderTest } from "./testing/exchanges-for-tests.ts";
import { openExchanges } from "./testing/exchanges-for-tests.ts";

// While a key is exchanged it is looked for where others could see it: in the words and the environments of all processes, in
// what a crash of the daemon would write, in its files and its database. Whoever is told a key has it in its own environment,
// and nobody else.

const run = promisify(execFile);
const first = "first-key-that-nobody-may-see";

/** Says where a word stands that it is told as WORD, in processes and below a folder; the word is in none of its own words. */
const look = `found() { printf '%s\\n' "$WORD" | grep -laFf - "$@" 2>/dev/null || true; }
for file in $(found /proc/[0-9]*/cmdline); do echo "words $file"; done
for file in $(found /proc/[0-9]*/environ); do
  # What only looked is gone by now.
  given=$(tr '\\0' '\\n' 2>/dev/null < "$file") && [ -n "$given" ] || continue
  case "$given" in *${commandMarker}=*) echo told ;; *) echo "environment $file" ;; esac
done
printf '%s\\n' "$WORD" | grep -rlaFf - "$FOLDER" 2>/dev/null | sed 's/^/file /' || true
`;

let exchanges: ExchangesUnderTest;
let vendor: string;
const during: string[] = [];
let searched: readonly string[] = [];
beforeAll(async () => {
  vendor = await mkdtemp(join(tmpdir(), "fairway-vendor-"));
  exchanges = await openExchanges({
    files: { "look.sh": look },
    // Between the store and the taking away of the old key.
    asked: async () => {
      during.push(JSON.stringify(process.report.getReport()), ...(await inWords()), ...(await inDatabase()));
    },
  });
});
afterAll(async () => {
  await exchanges?.close();
  await rm(vendor, { recursive: true, force: true });
});

/** What all processes were begun with, and what this one, which is the daemon here, has in its environment. */
async function inWords(): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const words = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return [...words, await readFile("/proc/self/environ", "utf8")];
}

/** All rows that hold one of the words that are looked for, and what sessions ask the server. */
async function inDatabase(): Promise<readonly string[]> {
  const { store } = exchanges.under;
  const tables = await store.rows<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('fairway', 'dbos')",
  );
  const holding: string[] = [];
  for (const { name } of tables) {
    const rows = await store.rows<{ row: string }>(
      `select x::text as row from ${name} x where exists (select from unnest($1::text[]) as word where strpos(x::text, word) > 0)`,
      [searched],
    );
    holding.push(...rows.map(({ row }) => row));
  }
  const asking = await store.rows<{ query: string }>(
    "select query from pg_stat_activity where pid <> pg_backend_pid()",
  );
  return [...holding, ...asking.map(({ query }) => query)];
}

const holdingOf = (texts: readonly string[], words: readonly string[]): readonly string[] =>
  texts.filter((text) => words.some((word) => text.includes(word)));

test("a key of a vendor is told to the program that needs it, and to nobody and nothing else", async () => {
  const { root, set, value, begin } = exchanges;
  const seen = join(vendor, "seen");
  // What is looked with finds a word where it does stand.
  const word = "a-word-in-the-words";
  await writeFile(join(vendor, "holds"), word);
  const env = { ...process.env, WORD: word, FOLDER: vendor };
  const { stdout } = await run("sh", ["-c", `${look}\n:`, word], { env });
  expect(stdout).toMatch(/^words \/proc\/\d+\/cmdline$/mu);
  expect(stdout).toMatch(/^environment \/proc\/\d+\/environ$/mu);
  expect(stdout).toContain(`file ${vendor}/holds`);

  const program = (text: string): readonly [string, ...string[]] => [
    ...(["sh", "-euc"] as const),
    `see() { WORD="$1" FOLDER="${root}" sh look.sh >> "${seen}"; }; ${text}`,
  ];
  const rotation: RotationRun = {
    ...{ kind: "rotation", driver: "command", store: "KEY", consumed: true, secrets: {}, timeout: 60_000 },
    create: program(`made="made-$FAIRWAY_ROTATION-key"; see "$made"; echo "$made"`),
    verify: program(`see "$FAIRWAY_KEY"; case "$FAIRWAY_KEY" in first-*) test ! -e "${vendor}/gone" || exit 1 ;; esac`),
    revoke: program(`see "$FAIRWAY_KEY"; : > "${vendor}/gone"`),
  };
  await set("secrecy", "KEY", first);
  const made = "made-run-secrecy-key";
  searched = [first, made];
  const exchange = begin("secrecy", rotation);
  const outcome = await exchange.live(null);
  expect(outcome).toMatchObject({ outcome: "succeeded" });
  expect(await value("secrecy", "KEY")).toBe(made);
  const lines = (await readFile(seen, "utf8")).trim().split("\n");
  // Four programs looked, and each found that it was told its key.
  expect(lines.filter((line) => line === "told").length).toBeGreaterThanOrEqual(4);
  expect(lines.filter((line) => line !== "told")).toEqual([]);
  expect(during.length).toBeGreaterThan(10);
  expect(holdingOf([...during, exchange.kept(), JSON.stringify(outcome)], searched)).toEqual([]);
  expect(holdingOf([JSON.stringify(process.report.getReport()), ...(await inDatabase())], searched)).toEqual([]);
  const { stdout: left } = await run("sh", ["-c", `printf '%s\\n' "$WORDS" | grep -rlaFf - "${root}" || true`], {
    env: { ...process.env, WORDS: searched.join("\n") },
  });
  expect(left).toBe("");
});

test("a password of PostgreSQL is told to the server as what it checks it by, and stands nowhere else", async () => {
  const { under, set, value, begin } = exchanges;
  const admin = under.database.connectionString;
  const old = newPassword();
  const address = addressFor(admin, `secrecy_${under.database.name.slice(-8)}`, old);
  await letIn(admin, address);
  await set("passwords", "DB", address);
  await set("passwords", "ADMIN", admin);
  during.length = 0;
  searched = [old];
  const exchange = begin("passwords", {
    ...{ kind: "rotation", driver: "postgres-role", store: "DB", admin: "ADMIN", consumed: true },
  });
  const outcome = await exchange.live(null);
  expect(outcome).toMatchObject({ outcome: "succeeded" });
  const after = await value("passwords", "DB");
  searched = [old, new URL(after).password];
  const texts = [...during, exchange.kept(), JSON.stringify(outcome), ...(await inWords()), ...(await inDatabase())];
  expect(holdingOf(texts, searched)).toEqual([]);
  for (const one of [after, address]) await under.store.rows(`drop role ${new URL(one).username}`);
});
