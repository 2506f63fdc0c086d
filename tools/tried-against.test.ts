// Every adapter says what it was tried against, and that it was not live: a folder or a file of a plugin that speaks to
// something of others has a row of its own.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const page = readFileSync(join(root, "docs/reference/tried-against.md"), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:---|adapter)/u.test(line));
const cells = (row: string): readonly string[] =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
const named = new Set(rows.map((row) => cells(row)[1]?.replaceAll("`", "")));

/** What of the built-in plugins stays on this machine, or is of no platform. */
const own = new Set([
  "container-host",
  "git",
  "haproxy",
  "hosted",
  "job-containers",
  "live-checks",
  "outgoing",
  "process-host",
  "static-server",
  "flags-over-http",
]);

const folders = (directory: string): readonly string[] =>
  readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );

test("every folder of an adapter has a row that says what it was tried against", () => {
  const adapters = [
    ...folders("plugins/aws/src").map((name) => `plugins/aws/src/${name}`),
    ...folders("plugins/builtin/src").flatMap((name) => (own.has(name) ? [] : [`plugins/builtin/src/${name}`])),
    ...readdirSync(join(root, "plugins/builtin/src")).flatMap((name) =>
      /-(?:flags|signer|exporter|source)\.ts$/u.test(name) ? [`plugins/builtin/src/${name}`] : [],
    ),
  ];
  expect(adapters.filter((adapter) => !named.has(adapter))).toEqual([]);
});

test("every row says what it is not, and names something that is there", () => {
  const faulty = rows.filter((row) => {
    const all = cells(row);
    return all.length !== 4 || all.includes("") || !existsSync(join(root, (all[1] ?? "").replaceAll("`", "")));
  });
  expect(faulty).toEqual([]);
});
