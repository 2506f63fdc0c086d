import { mkdir, rm, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import { textOfJson } from "../expressions/evaluate.ts";
import type { RepositorySource } from "../running/job-host.ts";
import type { BuiltInAction, BuiltInRun, ExecOptions } from "./built-in.ts";

/** `actions/checkout`: the repository at the commit of the run, fetched from what the host has of it. */
export const checkout: BuiltInAction = {
  name: "actions/checkout",
  inputs: {
    repository: "",
    ref: "",
    token: "",
    "ssh-key": "",
    "ssh-known-hosts": "",
    "ssh-strict": "true",
    "ssh-user": "git",
    "persist-credentials": "true",
    path: "",
    clean: "true",
    filter: "",
    "sparse-checkout": "",
    "sparse-checkout-cone-mode": "true",
    "fetch-depth": "1",
    "fetch-tags": "false",
    "show-progress": "true",
    lfs: "false",
    submodules: "false",
    "set-safe-directory": "true",
    "github-server-url": "",
  },
  async main(run) {
    const { workspace } = run.host.folders;
    const folder = resolve(workspace, run.input("path"));
    const below = relative(workspace, folder);
    if (below.startsWith("..") || isAbsolute(below)) {
      throw new TypeError(`Repository path '${folder}' is not under '${workspace}'`);
    }
    const name = run.input("repository");
    const own = textOfJson(run.github["repository"] ?? "");
    const ref = run.input("ref");
    const source = await run.host.repository({
      ...(name === "" || name.toLowerCase() === own.toLowerCase() ? {} : { name }),
      ...(ref === "" ? {} : { ref }),
    });
    await mkdir(folder, { recursive: true });
    const git = gitIn(run, folder);
    await prepare(run, git, folder);
    const server = run.input("github-server-url") || textOfJson(run.github["server_url"] ?? "") || "https://github.com";
    await git("config", "remote.origin.url", `${server}/${name || own}`);
    await git("config", "gc.auto", "0");
    const sha = await fetchInto(run, git, source);
    await checkoutFiles(run, git, sha, source.branch);
    await submodules(run, git);
    run.setOutput("commit", sha);
    run.setOutput("ref", ref || textOfJson(run.github["ref"] ?? ""));
    run.info(sha);
  },
};

type Git = (...args: readonly string[]) => Promise<void>;

/** Runs git in the folder and throws a sentence when it fails; what git said is in the log. */
function gitIn(run: BuiltInRun, folder: string): Git {
  const options: ExecOptions = { cwd: folder, env: { GIT_TERMINAL_PROMPT: "0", GIT_ADVICE: "0" } };
  return async (...args) => {
    const { code } = await run.exec(["git", ...args], options);
    if (code === undefined && (await run.which("git")) === undefined) {
      throw new TypeError(
        "Unable to locate executable file: git. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable.",
      );
    }
    if (code !== 0)
      throw new TypeError(`The process 'git ${args[0] ?? ""}' failed with exit code ${code ?? "unknown"}`);
  };
}

/** A folder that git knows nothing of, or one that is as clean as the last checkout left it. */
async function prepare(run: BuiltInRun, git: Git, folder: string): Promise<void> {
  if (await exists(resolve(folder, ".git"))) {
    // A checkout that was killed may have left its lock.
    await rm(resolve(folder, ".git/index.lock"), { force: true });
    if (run.flag("clean")) await git("clean", "-ffdx");
    return;
  }
  await git("init", "--quiet", "--initial-branch", "main", ".");
}

/** The commit that came: the one that was wanted, where the host knows which that is. */
async function fetchInto(run: BuiltInRun, git: Git, source: RepositorySource): Promise<string> {
  const depth = Number(run.input("fetch-depth"));
  if (!Number.isInteger(depth) || depth < 0)
    throw new TypeError(`fetch-depth is no whole number: ${run.input("fetch-depth")}`);
  // A bundle is all there is of the repository; everything else may be asked for a part.
  const whole = depth === 0 || (await isFile(source.from));
  const from = isAbsolute(source.from) && !(await isFile(source.from)) ? `file://${source.from}` : source.from;
  const all = depth === 0 ? ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"] : [];
  const tags = run.flag("fetch-tags") && depth !== 0 ? ["+refs/tags/*:refs/tags/*"] : [];
  const filter = run.input("filter") || (run.input("sparse-checkout") === "" ? "" : "blob:none");
  await git(
    "fetch",
    "--quiet",
    "--no-tags",
    "--force",
    "--no-recurse-submodules",
    // The commit may be no branch's head any more, and the repository may be another user's.
    ...[
      "--upload-pack",
      "git -c uploadpack.allowAnySHA1InWant=true -c uploadpack.allowFilter=true -c safe.directory=* upload-pack",
    ],
    ...(whole ? [] : ["--depth", `${depth}`]),
    ...(filter === "" || whole ? [] : ["--filter", filter]),
    from,
    `+${source.fetch}:refs/fairway/checkout`,
    ...all,
    ...tags,
  );
  const { output } = await run.exec(["git", "rev-parse", "refs/fairway/checkout^{commit}"], {
    cwd: resolve(run.host.folders.workspace, run.input("path")),
    quiet: true,
  });
  const sha = output.trim();
  if (sha === "" || (source.sha !== "" && sha !== source.sha)) {
    throw new TypeError(`The commit ${source.sha} was wanted, but ${sha || "nothing"} was fetched`);
  }
  return sha;
}

async function checkoutFiles(run: BuiltInRun, git: Git, sha: string, written: string | undefined): Promise<void> {
  const sparse = run
    .input("sparse-checkout")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (sparse.length > 0) {
    await git("sparse-checkout", "set", run.flag("sparse-checkout-cone-mode") ? "--cone" : "--no-cone", ...sparse);
  }
  if (run.flag("lfs")) await git("lfs", "install", "--local");
  // A tag, like a commit, is nothing to be on.
  const branch = written?.startsWith("refs/heads/") === true ? written.slice("refs/heads/".length) : written;
  if (branch === undefined || branch.startsWith("refs/"))
    await git("-c", "advice.detachedHead=false", "checkout", "--quiet", "--force", "--detach", sha);
  else await git("checkout", "--quiet", "--force", "-B", branch, sha);
}

async function submodules(run: BuiltInRun, git: Git): Promise<void> {
  const wanted = run.input("submodules").toLowerCase();
  if (wanted !== "true" && wanted !== "recursive") return;
  const deep = wanted === "recursive" ? ["--recursive"] : [];
  await git("submodule", "sync", ...deep);
  await git("submodule", "update", "--init", "--force", "--depth=1", ...deep);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false; // Not there, or not for us, and then git will say so.
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false; // An address is no file.
  }
}
