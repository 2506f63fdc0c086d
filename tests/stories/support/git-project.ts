import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { ProjectConfig } from "@fairway/config";

const run = promisify(execFile);
const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.invalid", "-c", "commit.gpgsign=false"];

/** The files of a commit by path; null takes one away. */
export type Files = Readonly<Record<string, string | null>>;

/** A fresh git repository with a project in it. */
export interface GitProject {
  readonly path: string;
  git(...words: readonly string[]): Promise<string>;
  write(files: Files): Promise<void>;
  /** Writes the files and commits everything; gives the hash. */
  commit(message: string, files?: Files): Promise<string>;
}

/** Makes a repository without a commit. */
export async function gitProject(path: string): Promise<GitProject> {
  await mkdir(path, { recursive: true });
  const git = async (...words: readonly string[]): Promise<string> =>
    (await run("git", ["-C", path, ...who, ...words])).stdout.trim();
  await git("init", "--quiet", "--initial-branch", "main");
  const write = async (files: Files): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      const file = join(path, name);
      if (text === null) {
        await rm(file);
        continue;
      }
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  };
  return {
    path,
    git,
    write,
    async commit(message, files = {}) {
      await write(files);
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "--cleanup=verbatim", `--message=${message}`);
      return git("rev-parse", "HEAD");
    },
  };
}

/** A configuration as a file: JSON is read fastest, since no program is started for it. */
export const configFile = (config: ProjectConfig): Files => ({
  "fairway.json": `${JSON.stringify(config, null, 2)}\n`,
});
