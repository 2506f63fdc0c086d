import { existsSync } from "node:fs";
import { appendFile, copyFile, mkdir, readdir, realpath, writeFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { FairwayError, type Millis, type Sha } from "@fairway/core";
import { allowedProtocols, runGit } from "./run-git.ts";
import { sharedRead } from "./shared-read.ts";
import { treeEntries } from "./tree-entries.ts";

/** How long the files of one commit may take, and one submodule from the network. */
const checkoutTimeout: Millis = 10 * 60_000;

/**
 * Puts a commit's files into an empty directory together with a repository that borrows the objects of the source, so
 * that `git rev-parse` works in it and nothing is copied twice. Works from bare, shallow, detached and linked
 * repositories alike, which a clone does not: a commit that no branch leads to would be missing.
 */
export async function checkOut(source: string, sha: Sha, directory: string): Promise<void> {
  if ((await readdir(directory).catch(noneIfMissing)).length > 0) {
    throw new FairwayError("checkout_failed", `could not put ${sha} into ${directory}: it is not empty`);
  }
  await mkdir(directory, { recursive: true });
  await placeFiles(source, sha, directory, directory);
}

async function placeFiles(source: string, sha: Sha, directory: string, top: string): Promise<void> {
  const from = await sharedRead(`facts ${source}`, () => sourceFacts(source));
  await git(directory, sha, ["init", "--quiet", `--object-format=${from.format}`]);
  await writeFile(join(directory, ".git/objects/info/alternates"), `${from.objects}\n`);
  if (existsSync(from.shallow)) await copyFile(from.shallow, join(directory, ".git/shallow"));
  // Relative addresses of submodules are meant from where the repository came from. To write it is to start no process.
  await appendFile(join(directory, ".git/config"), `[remote "origin"]\n\turl = ${quoted(from.origin)}\n`);
  await git(directory, sha, ["checkout", "--quiet", "--force", "--detach", sha], checkoutTimeout);
  await placeSubmodules({ source, gitDirectory: from.gitDirectory }, sha, directory, top);
}

interface SourceFacts {
  readonly format: string;
  readonly objects: string;
  readonly shallow: string;
  readonly gitDirectory: string;
  readonly origin: string;
}

async function sourceFacts(source: string): Promise<SourceFacts> {
  const words = [
    "rev-parse",
    "--show-object-format",
    "--git-path",
    "objects",
    "--git-path",
    "shallow",
    "--git-common-dir",
  ];
  const answer = await runGit(source, words);
  if (!answer.ok)
    throw new FairwayError("checkout_failed", `could not read the repository ${source}: ${answer.reason}`);
  const [format = "sha1", objects = "", shallow = "", common = ""] = answer.output.trimEnd().split("\n");
  const origin = await runGit(source, ["config", "--get", "remote.origin.url"]);
  return {
    format,
    objects: await realpath(resolve(source, objects)),
    shallow: resolve(source, shallow),
    gitDirectory: await realpath(resolve(source, common)),
    origin: origin.ok ? withoutToken(origin.output.trim()) : resolve(source),
  };
}

/** A web address may carry a token, also as the user's name, and the build reads this checkout. */
const withoutToken = (address: string): string => address.replace(/^(https?:\/\/)[^/@]*@/i, "$1");

/** As git's own configuration files want it; anything else stands for itself. */
const quoted = (value: string): string =>
  `"${value.replaceAll(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;

async function placeSubmodules(
  { source, gitDirectory }: { readonly source: string; readonly gitDirectory: string },
  sha: Sha,
  directory: string,
  top: string,
): Promise<void> {
  const entries = await sharedRead(`tree ${source} ${sha}`, () => treeEntries(source, sha));
  const links = entries.filter(({ kind }) => kind === "gitlink");
  if (links.length === 0) return;
  const names = await submoduleNames(directory, sha);
  for (const { path, hash } of links) {
    const place = join(directory, path);
    const real = await realpath(place);
    if (real !== (await realpath(top)) + sep + place.slice(top.length + 1)) {
      throw new FairwayError("checkout_failed", `submodule ${JSON.stringify(path)} would lie behind a link`);
    }
    const name = names.get(path);
    if (name === undefined) {
      throw new FairwayError("checkout_failed", `submodule ${JSON.stringify(path)} of ${sha} is not in .gitmodules`, {
        hint: "Nobody says where it comes from; add it with `git submodule add`, or remove it from the tree.",
      });
    }
    const local = join(gitDirectory, "modules", name);
    if (isPlainName(name) && (await holds(local, hash))) {
      await git(directory, sha, ["config", `submodule.${name}.active`, "true"]);
      await placeFiles(local, hash, place, top);
    } else {
      await fetchSubmodule(directory, path);
    }
  }
}

/** Names by path, as `.gitmodules` of the checked out commit says. */
async function submoduleNames(directory: string, sha: Sha): Promise<ReadonlyMap<string, string>> {
  const words = ["config", "-z", "--blob", `${sha}:.gitmodules`, "--get-regexp", "^submodule\\..*\\.path$"];
  const answer = await runGit(directory, words);
  if (!answer.ok) return new Map();
  return new Map(
    answer.output
      .split("\0")
      .filter((entry) => entry !== "")
      .map((entry) => {
        const end = entry.indexOf("\n");
        return [entry.slice(end + 1), entry.slice("submodule.".length, end - ".path".length)];
      }),
  );
}

/** Git refuses such names as well; here one becomes part of a path before git sees it. */
const isPlainName = (name: string): boolean => !name.split("/").includes("..") && !name.startsWith("/");

async function holds(repository: string, sha: Sha): Promise<boolean> {
  if (!existsSync(repository)) return false;
  return (await runGit(repository, ["cat-file", "-e", `${sha}^{commit}`])).ok;
}

async function fetchSubmodule(directory: string, path: string): Promise<void> {
  const words = ["submodule", "--quiet", "update", "--init", "--recursive", "--checkout", "--", path];
  const answer = await runGit(directory, words, { timeout: checkoutTimeout });
  if (answer.ok) return;
  throw new FairwayError("checkout_failed", `could not fetch submodule ${JSON.stringify(path)}: ${answer.reason}`, {
    hint: `Make it present in the repository with \`git submodule update --init --recursive\`, or give it an address over ${allowedProtocols.join(" or ")}.`,
    retryable: true,
  });
}

async function git(directory: string, sha: Sha, words: readonly string[], timeout?: Millis): Promise<void> {
  const answer = await runGit(directory, words, timeout === undefined ? {} : { timeout });
  if (answer.ok) return;
  throw new FairwayError("checkout_failed", `could not put ${sha} into ${directory}: ${answer.reason}`, {
    hint: /not a valid object|unable to read|bad object|reference is not a tree/.test(answer.reason)
      ? "The repository does not hold all objects of this commit; fetch them, for example with `git fetch --unshallow`."
      : undefined,
  });
}

function noneIfMissing(thrown: NodeJS.ErrnoException): readonly string[] {
  if (thrown.code !== "ENOENT") throw thrown;
  return [];
}
