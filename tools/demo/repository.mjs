import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const who = ["-c", "user.name=Demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false"];

/** A fresh git repository with the example as its first commit; its addresses have the port that the demo's router got. */
export async function makeRepository(example, repository, routerPort) {
  await mkdir(repository, { recursive: true });
  const hidden = join(example, ".demo");
  await cp(example, repository, {
    recursive: true,
    filter: (source) => source !== hidden && !source.endsWith("node_modules"),
  });
  const config = join(repository, "fairway.config.ts");
  await writeFile(config, (await readFile(config, "utf8")).replaceAll("localhost:8080", `localhost:${routerPort}`));
  await run("git", ["init", "--quiet", "--initial-branch", "main"], { cwd: repository });
  // For whoever goes on from here by hand.
  for (const [name, value] of [
    ["user.name", "Demo"],
    ["user.email", "demo@example.invalid"],
  ])
    await run("git", ["config", name, value], { cwd: repository });
  await commit(repository, ["--message", "Open the market"]);
}

/** Goes on from another commit, on a branch of this name. */
export const branchOff = (repository, name, from) =>
  run("git", ["checkout", "--quiet", "-b", name, from], { cwd: repository });

/** Puts the files of one of the example's changes over the repository and commits them with their own message. */
export async function commitOverlay(example, name, repository) {
  const overlay = join(example, ".demo", name);
  await cp(join(overlay, "files"), repository, { recursive: true });
  await commit(repository, ["--file", join(overlay, "message.txt")]);
}

async function commit(repository, message) {
  await run("git", ["add", "--all"], { cwd: repository });
  await run("git", [...who, "commit", "--quiet", ...message], { cwd: repository });
}
