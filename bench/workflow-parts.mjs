// What the benches of workflows have in common: a workflow of many steps that do nothing, and other ways to run the same.

import { execFile, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { succeeded } from "./product-parts.mjs";

const execute = promisify(execFile);

export const configuration = `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz }
environments:
  place: { services: { hello: {} } }
`;

export const file = ".github/workflows/noop.yml";

/** @param {string} repository @param {number} steps */
export async function putWorkflow(repository, steps) {
  await mkdir(join(repository, ".github/workflows"), { recursive: true });
  const text = `on: push\njobs:\n  noop:\n    runs-on: ubuntu-latest\n    steps:\n${"      - run: ':'\n".repeat(steps)}`;
  await writeFile(join(repository, file), text);
  const who = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid", "-c", "commit.gpgsign=false"];
  for (const words of [
    ["add", "--all"],
    ["commit", "--quiet", "--message", `${steps} steps`],
  ])
    await execute("git", [...who, ...words], { cwd: repository });
}

/** Runs it to its end; how long that took, in milliseconds. @param {import("@fairway/api").Client} client */
export async function timeOfRun(client) {
  const began = performance.now();
  const { run } = await client.call("runWorkflow", { file, by: "bench", uncommitted: "ignore" });
  await succeeded(client, run?.id ?? "");
  return performance.now() - began;
}

/** The same commands by bash alone, one process each. @param {number} steps */
export function timeOfBash(steps) {
  const began = performance.now();
  spawnSync("bash", ["-c", `for i in $(seq ${steps}); do bash -e -c ':'; done`]);
  return performance.now() - began;
}

/** Where `act` is, which others run workflows with; `go install github.com/nektos/act@latest` makes it. */
const act = process.env.FAIRWAY_ACT ?? "act";

/** The same file by act, on the host. Undefined where it is not installed. @param {string} repository */
export function timeOfAct(repository) {
  if (spawnSync(act, ["--version"]).error !== undefined) return undefined;
  const began = performance.now();
  const { status } = spawnSync(act, ["push", "-P", "ubuntu-latest=-self-hosted", "-W", file], { cwd: repository });
  if (status !== 0) throw new Error(`act ended with ${status}`);
  return performance.now() - began;
}
