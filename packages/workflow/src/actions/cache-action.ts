import { createHash } from "node:crypto";
import { rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { messageOf } from "@fairway/core";
import { unpack } from "../archives/unpack.ts";
import type { BuiltInAction, BuiltInRun } from "./built-in.ts";
import { findFiles, foldersOf, isPattern, patternsIn, rooted } from "./find-files.ts";
import { ResultsClient } from "./results-client.ts";

const inputs = {
  path: "",
  key: "",
  "restore-keys": "",
  "upload-chunk-size": "",
  enableCrossOsArchive: "false",
  "fail-on-cache-miss": "false",
  "lookup-only": "false",
  "save-always": "false",
};

/** `actions/cache`: restores before the steps, and saves after them what was not there under the very key. */
export const cache: BuiltInAction = {
  name: "actions/cache",
  inputs,
  main: restore,
  async post(run) {
    if (run.state("matched") === run.input("key")) {
      run.info(`Cache hit occurred on the primary key ${run.input("key")}, not saving cache.`);
    } else {
      await save(run);
    }
  },
  postIf: "success()",
};

/** `actions/cache/restore`. */
export const cacheRestore: BuiltInAction = { name: "actions/cache/restore", inputs, main: restore };

/** `actions/cache/save`. */
export const cacheSave: BuiltInAction = { name: "actions/cache/save", inputs, main: save };

async function restore(run: BuiltInRun): Promise<void> {
  const key = required(run, "key");
  const paths = patternsIn(required(run, "path"));
  run.setOutput("cache-primary-key", key);
  const client = ResultsClient.for(run.services, run.signal);
  const matched =
    client === undefined ? noServer(run) : await tried(run, "restore", async () => fetchInto(run, client, key, paths));
  if (matched === undefined) {
    if (run.flag("fail-on-cache-miss")) {
      throw new TypeError(`Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: ${key}`);
    }
    run.info(`Cache not found for input keys: ${[key, ...patternsIn(run.input("restore-keys"))].join(", ")}`);
    return;
  }
  run.saveState("matched", matched);
  run.setOutput("cache-matched-key", matched);
  run.setOutput("cache-hit", String(matched === key));
  run.info(`Cache ${run.flag("lookup-only") ? "found" : "restored"} from key: ${matched}`);
}

async function fetchInto(
  run: BuiltInRun,
  client: ResultsClient,
  key: string,
  paths: readonly string[],
): Promise<string | undefined> {
  const answer = await client.call("CacheService", "GetCacheEntryDownloadURL", {
    key,
    restore_keys: patternsIn(run.input("restore-keys")),
    version: versionOf(paths),
  });
  if ("refused" in answer) return undefined;
  const { signed_download_url: address, matched_key: matched } = answer.value;
  if (typeof address !== "string" || typeof matched !== "string") return undefined;
  if (run.flag("lookup-only")) return matched;
  const archive = archiveOf(run);
  try {
    await client.download(address, archive);
    const { workspace, home, temp } = run.host.folders;
    const inside = foldersOf(paths, { workspace, home });
    const { refused } = await unpack({ archive, format: "tar.gz", base: workspace, inside, staging: temp });
    if (refused !== undefined) throw new TypeError(`the cache ${matched} is not unpacked: ${refused}`);
    return matched;
  } finally {
    await rm(archive, { force: true });
  }
}

async function save(run: BuiltInRun): Promise<void> {
  const key = required(run, "key");
  const paths = patternsIn(required(run, "path"));
  const client = ResultsClient.for(run.services, run.signal);
  if (client === undefined) noServer(run);
  else await tried(run, "save", async () => put(run, client, key, paths));
}

async function put(run: BuiltInRun, client: ResultsClient, key: string, paths: readonly string[]): Promise<undefined> {
  const present = await presentPaths(run, paths);
  if (present.length === 0) {
    run.warning(
      "Path Validation Error: Path(s) specified in the action for caching do(es) not exist, hence no cache is being saved.",
    );
    return undefined;
  }
  const version = versionOf(paths);
  const reserved = await client.call("CacheService", "CreateCacheEntry", { key, version });
  if ("refused" in reserved) {
    run.info(`Failed to save: Unable to reserve cache with key ${key}: ${reserved.refused}`);
    return undefined;
  }
  const archive = archiveOf(run);
  const list = `${archive}.list`;
  try {
    await writeFile(list, present.map((path) => `${path}\n`).join(""));
    const { code } = await run.exec([
      "tar",
      "-czf",
      archive,
      "-P",
      "-C",
      run.host.folders.workspace,
      "--files-from",
      list,
    ]);
    if (code !== 0) throw new TypeError(`tar could not pack the paths (exit code ${code ?? "unknown"})`);
    await client.upload(String(reserved.value["signed_upload_url"]), archive);
    const size_bytes = String((await stat(archive)).size);
    const kept = await client.call("CacheService", "FinalizeCacheEntryUpload", { key, version, size_bytes });
    if ("refused" in kept) throw new TypeError(kept.refused);
    run.info(`Cache saved with key: ${key}`);
  } finally {
    await rm(archive, { force: true });
    await rm(list, { force: true });
  }
  return undefined;
}

/** Paths as GitHub's client stores them: relative to the workspace, also upwards, so that they fit in another job's folders. */
async function presentPaths(run: BuiltInRun, paths: readonly string[]): Promise<readonly string[]> {
  const { workspace, home } = run.host.folders;
  const plain = paths.every((path) => !isPattern(path) && !path.startsWith("!"));
  const found: string[] = [];
  if (plain) {
    for (const path of paths.map((one) => rooted(one, workspace, home))) {
      if ((await stat(path).catch(() => undefined)) !== undefined) found.push(path);
    }
  } else {
    found.push(...(await findFiles(paths.join("\n"), { workspace, home, hidden: true })).files);
  }
  // One within another would be packed twice.
  const apart = found.filter((path) => !found.some((other) => path.startsWith(`${other}/`)));
  return [...new Set(apart)].map((path) => relative(workspace, path) || ".");
}

/** A cache is never worth a failed job. */
async function tried<T>(run: BuiltInRun, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (run.signal.aborted) throw thrown;
    run.warning(`Failed to ${what}: ${messageOf(thrown)}`);
    return undefined;
  }
}

function noServer(run: BuiltInRun): undefined {
  run.info("There is no cache server here, so nothing is saved or restored.");
  return undefined;
}

/** As GitHub's client counts it: other paths or another packing are another cache. */
function versionOf(paths: readonly string[]): string {
  return createHash("sha256")
    .update([...paths, "gzip", "1.0"].join("|"))
    .digest("hex");
}

/** The same again after a crash, when the archive may be there already. */
const archiveOf = (run: BuiltInRun): string =>
  join(run.host.folders.temp, `cache-${createHash("sha256").update(run.input("key")).digest("hex").slice(0, 12)}.tgz`);

function required(run: BuiltInRun, name: string): string {
  const value = run.input(name);
  if (value === "") throw new TypeError(`Input required and not supplied: ${name}`);
  if (name === "key" && (value.length > 512 || value.includes(","))) {
    throw new TypeError("Key Validation Error: a key has at most 512 characters and no comma.");
  }
  return value;
}
