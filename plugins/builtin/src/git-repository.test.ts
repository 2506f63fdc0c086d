import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gitRepository } from "./git-repository.ts";

let root: string;
let work: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-git-"));
  work = join(root, "work");
  vi.stubEnv("GIT_CONFIG_GLOBAL", join(root, "gitconfig"));
  await writeFile(
    join(root, "gitconfig"),
    '[user]\n name = Ada\n email = ada@example.org\n[protocol "file"]\n allow = always\n',
  );
  await mkdir(work);
  git("init", "--quiet", "--initial-branch=main");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const gitIn = (directory: string, ...words: readonly string[]): string =>
  execFileSync("git", ["-C", directory, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
const git = (...words: readonly string[]): string => gitIn(work, ...words);
const put = async (path: string, text: string, within = work): Promise<void> => {
  await mkdir(dirname(join(within, path)), { recursive: true });
  await writeFile(join(within, path), text);
};
const commit = async (path: string, text = path, message = `add ${path}`): Promise<string> => {
  await put(path, text);
  git("add", "--all");
  git("commit", "--quiet", "--cleanup=verbatim", "-m", message);
  return git("rev-parse", "HEAD");
};
const out = (): string => join(root, "out");
const here = (path = work): ReturnType<typeof gitRepository> => gitRepository({ path });

describe("resolving", () => {
  it("says who did what when, and by what name it was asked for", async () => {
    const sha = await commit("a", "a", "feat: a 'quoted' thing\n\nbody");
    git("tag", "-a", "v1", "-m", "one");
    const revision = await here().resolve("main");
    expect(revision).toEqual({
      sha,
      short: sha.slice(0, 7),
      subject: "feat: a 'quoted' thing",
      author: "Ada",
      committedAt: new Date(Number(git("log", "-1", "--format=%ct")) * 1000).toISOString(),
      ref: "main",
    });
    expect((await here().resolve("v1")).ref).toBe("v1");
    expect((await here().resolve("HEAD")).ref).toBe("main");
    expect((await here().resolve(sha)).ref).toBeNull();
    expect((await here().resolve(sha.slice(0, 8))).ref).toBeNull();
    git("checkout", "--quiet", "--detach");
    expect(await here().resolve("HEAD")).toMatchObject({ sha, ref: null });
  });

  it.each([
    "a;touch${IFS}pwned",
    "$(touch${IFS}pwned)",
    "`id`",
    "x|sh",
    "quote'\"",
    "evil\u202egnp",
    "ünï/cödé",
    "a--upload-pack=x",
  ])("takes the branch name %j as data", async (name) => {
    const sha = await commit("a");
    git("update-ref", `refs/heads/${name}`, sha);
    expect(await here().resolve(name)).toMatchObject({ sha, ref: name });
    await here().checkout(sha, out());
    expect(existsSync(join(work, "pwned")) || existsSync("pwned")).toBe(false);
  });

  it.each([
    "$(touch pwned)",
    "two\nlines",
    "nul-free \u001b[31mred",
    "-n --help",
    "%H%x00",
    "\u202eevil",
    "x".repeat(10_000),
  ])("takes the message %j as data", async (message) => {
    await commit("a", "a", message);
    const { subject } = await here().resolve("HEAD");
    expect(subject).toBe(message.replace("\n", " "));
  });

  it.each(["--upload-pack=touch pwned", "-h", "", "a\nb", "\0", "main:a", "main^{tree}", "..", "main..other"])(
    "refuses %j",
    async (ref) => {
      await commit("a");
      await expect(here().resolve(ref)).rejects.toMatchObject({ code: "revision_not_found" });
    },
  );

  it("says what may have been meant", async () => {
    await commit("a");
    git("branch", "release/next");
    await expect(here().resolve("mian")).rejects.toMatchObject({
      code: "revision_not_found",
      hint: 'Did you mean "main"?',
    });
    await expect(here().resolve("next")).rejects.toMatchObject({ hint: 'Did you mean "release/next"?' });
    await expect(here().resolve("f".repeat(40))).rejects.toMatchObject({ code: "revision_not_found" });
  });

  it("says when there is no commit, no repository, no directory and no git", async () => {
    await expect(here().resolve("HEAD")).rejects.toMatchObject({
      code: "revision_not_found",
      message: expect.stringContaining("no commits yet"),
      hint: expect.stringContaining("git commit"),
    });
    await expect(here(root).resolve("HEAD")).rejects.toMatchObject({
      code: "not_a_repository",
      hint: expect.stringContaining("git init"),
    });
    await expect(here(join(root, "none")).resolve("HEAD")).rejects.toMatchObject({ code: "not_a_repository" });
    vi.stubEnv("PATH", root);
    await expect(here().resolve("HEAD")).rejects.toMatchObject({ code: "git_missing" });
  });

  it("is not led astray by the environment of a git hook", async () => {
    const sha = await commit("a");
    vi.stubEnv("GIT_DIR", join(root, "elsewhere"));
    vi.stubEnv("GIT_INDEX_FILE", join(root, "index"));
    expect((await here().resolve("HEAD")).sha).toBe(sha);
  });
});

describe("checking out", () => {
  it("gives the files of that commit and a repository that knows it", async () => {
    const first = await commit("a", "one");
    await commit("a", "two");
    await here().checkout(first, out());
    expect(await readFile(join(out(), "a"), "utf8")).toBe("one");
    expect(gitIn(out(), "rev-parse", "HEAD")).toBe(first);
    expect(gitIn(out(), "status", "--porcelain")).toBe("");
  });

  it("works from bare, shallow, detached and linked repositories, and for a commit no branch leads to", async () => {
    await commit("a", "one");
    const second = await commit("a", "two");
    gitIn(root, "clone", "--quiet", "--bare", work, "bare");
    gitIn(root, "clone", "--quiet", "--depth=1", `file://${work}`, "shallow");
    git("worktree", "add", "--quiet", "--detach", join(root, "linked"), second);
    git("reset", "--quiet", "--hard", "HEAD~1");
    for (const name of ["bare", "shallow", "linked", "work"]) {
      const directory = join(root, `out-${name}`);
      await here(join(root, name)).checkout(second, directory);
      expect(await readFile(join(directory, "a"), "utf8")).toBe("two");
      expect(gitIn(directory, "log", "-1", "--format=%H")).toBe(second);
    }
  });

  it("works from a folder inside of the working tree, and in a repository with long hashes", async () => {
    const sha = await commit("deep/file");
    await here(join(work, "deep")).checkout(sha, out());
    expect(existsSync(join(out(), "deep/file"))).toBe(true);
    const long = join(root, "long");
    gitIn(root, "init", "--quiet", "--object-format=sha256", "long");
    await put("a", "a", long);
    gitIn(long, "add", "a");
    gitIn(long, "commit", "--quiet", "-m", "a");
    const revision = await here(long).resolve("HEAD");
    expect(revision.sha).toHaveLength(64);
    await here(long).checkout(revision.sha, join(root, "out-long"));
    expect(existsSync(join(root, "out-long/a"))).toBe(true);
  });

  it("runs no hooks of the repository or of the user's templates", async () => {
    const hook = '#!/bin/sh\ntouch "$OLDPWD/pwned" /tmp/fairway-pwned\n';
    await put("hooks/post-checkout", hook, join(root, "template"));
    execFileSync("chmod", ["+x", join(root, "template/hooks/post-checkout")]);
    await appendFile(
      join(root, "gitconfig"),
      `[init]\n templateDir = ${join(root, "template")}\n[core]\n hooksPath = ${join(root, "template/hooks")}\n`,
    );
    await here().checkout(await commit("a"), out());
    expect(existsSync("/tmp/fairway-pwned")).toBe(false);
  });

  it("makes links as links and writes nothing through them", async () => {
    await symlink("/etc/passwd", join(work, "link"));
    await symlink(root, join(work, "folder"));
    const sha = await commit("a");
    await here().checkout(sha, out());
    expect((await lstat(join(out(), "link"))).isSymbolicLink()).toBe(true);
    expect((await lstat(join(out(), "folder"))).isSymbolicLink()).toBe(true);
  });

  it("refuses a directory with something in it, and says when the commit is not there", async () => {
    const sha = await commit("a");
    await put("x", "x", out());
    await expect(here().checkout(sha, out())).rejects.toMatchObject({
      code: "checkout_failed",
      message: expect.stringContaining("not empty"),
    });
    await expect(here().checkout("0".repeat(40), join(root, "other"))).rejects.toMatchObject({
      code: "checkout_failed",
    });
    await expect(here().checkout("main", join(root, "third"))).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("submodules", () => {
  let lib: string;
  let inner: string;
  beforeEach(async () => {
    [lib, inner] = [join(root, "lib"), join(root, "inner")];
    for (const directory of [inner, lib]) {
      gitIn(root, "init", "--quiet", "--initial-branch=main", directory);
      await put("file", directory, directory);
      if (directory === lib) gitIn(lib, "submodule", "--quiet", "add", inner, "nested/inner");
      gitIn(directory, "add", "--all");
      gitIn(directory, "commit", "--quiet", "-m", "file");
    }
    git("submodule", "--quiet", "add", lib, "libs/lib");
    git("submodule", "--quiet", "update", "--init", "--recursive");
  });

  it("come from what the repository holds, nested ones too, with no network", async () => {
    const sha = await commit("a");
    await rm(lib, { recursive: true });
    await rm(inner, { recursive: true });
    await here().checkout(sha, out());
    expect(await readFile(join(out(), "libs/lib/file"), "utf8")).toBe(lib);
    expect(await readFile(join(out(), "libs/lib/nested/inner/file"), "utf8")).toBe(inner);
    expect(gitIn(out(), "submodule", "status", "--recursive")).not.toMatch(/^[-+]/m);
  });

  it("that are nowhere are named", async () => {
    const sha = await commit("a");
    await rm(join(work, ".git/modules"), { recursive: true });
    await expect(here().checkout(sha, out())).rejects.toMatchObject({
      code: "checkout_failed",
      message: expect.stringContaining('"libs/lib"'),
    });
  });

  it.each(["ext::sh -c touch% pwned", "file:///etc", "-upload-pack=touch pwned"])(
    "are not fetched from %j",
    async (address) => {
      git("config", "-f", ".gitmodules", "submodule.libs/lib.url", address);
      const sha = await commit("a");
      await rm(join(work, ".git/modules"), { recursive: true });
      await expect(here().checkout(sha, out())).rejects.toMatchObject({
        code: "checkout_failed",
        message: expect.stringContaining('"libs/lib"'),
      });
      expect(existsSync(join(out(), "pwned")) || existsSync("pwned")).toBe(false);
    },
  );

  it("that .gitmodules does not name are named", async () => {
    git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},stray`);
    git("commit", "--quiet", "-m", "stray");
    await expect(here().checkout(git("rev-parse", "HEAD"), out())).rejects.toMatchObject({
      message: expect.stringContaining('"stray"'),
    });
  });

  it("whose name leads out of the repository are not looked for there", async () => {
    await writeFile(join(work, ".gitmodules"), `[submodule "../../../lib/.git"]\n path = libs/lib\n url = ${lib}\n`);
    const sha = await commit("a");
    await expect(here().checkout(sha, out())).rejects.toMatchObject({ code: "checkout_failed" });
  });
});

describe("a fingerprint", () => {
  it("changes when something below its paths does, and only then", async () => {
    await put("api/src/main.ts", "1");
    await put("web/index.html", "1");
    const first = await commit("README");
    const prints = async (sha: string, ...paths: string[]): Promise<string> => here().fingerprint(sha, paths);
    const second = await commit("web/index.html", "2");
    expect(await prints(first, "api")).toBe(await prints(second, "api"));
    expect(await prints(first, "web")).not.toBe(await prints(second, "web"));
    expect(await prints(first, ".")).not.toBe(await prints(second, "."));
    expect(await prints(first, "api", "api/src", "web")).toBe(await prints(first, "web", "./api/", "api/src", "api"));
    expect(await prints(first, "web", "web/index.html")).not.toBe(await prints(second, "web", "web/index.html"));
    expect(await prints(first, "none")).toBe(await prints(second, "none"));
    expect(await prints(first, "api")).not.toBe(await prints(first, "api", "none"));
    const third = await commit("none/new");
    expect(await prints(second, "none")).not.toBe(await prints(third, "none"));
    expect(await prints(first)).toBe(await prints(third));
  });

  it("takes a link for the whole tree, and takes odd names as they are", async () => {
    await put("real/file", "1");
    await symlink("real", join(work, "svc"));
    await put(":(glob)**", "x");
    const first = await commit("*");
    const second = await commit("real/file", "2");
    expect(await here().fingerprint(first, ["svc/sub"])).not.toBe(await here().fingerprint(second, ["svc/sub"]));
    expect(await here().fingerprint(first, ["*", ":(glob)**"])).toBe(
      await here().fingerprint(second, ["*", ":(glob)**"]),
    );
    await expect(here().fingerprint(first, ["../x"])).rejects.toMatchObject({ code: "bad_request" });
    await expect(here().fingerprint("0".repeat(40), ["a"])).rejects.toMatchObject({ code: "revision_not_found" });
  });
});

describe("uncommitted changes", () => {
  it("are listed by path, whatever the names; a clean tree and a bare repository have none", async () => {
    await commit("a");
    await commit("b c\n\u202ed");
    expect(await here().uncommitted()).toEqual([]);
    await put("a", "changed");
    await put("b c\n\u202ed", "changed");
    await put("new/file", "x");
    expect((await here().uncommitted()).toSorted()).toEqual(["a", "b c\n\u202ed", "new/"]);
    gitIn(root, "clone", "--quiet", "--bare", work, "bare");
    expect(await here(join(root, "bare")).uncommitted()).toEqual([]);
    await expect(here(root).uncommitted()).rejects.toMatchObject({ code: "not_a_repository" });
    expect(await readdir(root)).not.toContain("pwned");
  });
});

describe("a checkout", () => {
  it("knows where the repository came from, whatever its address holds", async () => {
    const sha = await commit("a");
    const addresses = ['/srv/of "many" words;and#more', "C:\\repositories\\shop", "two\nlines\tand tabs", "[core] = x"];
    for (const [index, address] of addresses.entries()) {
      git("config", "remote.origin.url", address);
      const directory = join(root, `out-${index}`);
      await here().checkout(sha, directory);
      expect(gitIn(directory, "config", "--get", "remote.origin.url")).toBe(address);
      expect(
        gitIn(directory, "config", "--get-regexp", ".*")
          .split("\n")
          .filter((line) => line.startsWith("remote")),
      ).toHaveLength(1);
    }
  });

  it("of several at once each has all files", async () => {
    const sha = await commit("deep/a", "text");
    const directories = [1, 2, 3, 4].map((number) => join(root, `out-${number}`));
    await Promise.all(directories.map((directory) => here().checkout(sha, directory)));
    for (const directory of directories) expect(await readFile(join(directory, "deep/a"), "utf8")).toBe("text");
  });
});

describe("what a workflow asks", () => {
  it("is told the text of a file in a commit, what differs, and what the repository is called", async () => {
    const first = await commit(".github/workflows/a b.yml", "on: push\n");
    const second = await commit("src/x", "1");
    expect(await here().textOf(first, ".github/workflows/a b.yml")).toBe("on: push\n");
    expect(await here().textOf(first, "src/x")).toBeUndefined();
    expect(await here().textOf(first, "src")).toBeUndefined();
    expect(await here().changedPaths(first, second)).toEqual(["src/x"]);
    expect(await here().changedPaths("0".repeat(40), second)).toBeUndefined();
    expect(await here().identity()).toEqual({ path: join(work, ".git"), name: "work" });
    git("remote", "add", "origin", "git@github.com:acme/shop.git");
    expect(await here().identity()).toMatchObject({ name: "acme/shop" });
    // Whoever writes a password into it does not have to spell it rightly.
    git("remote", "set-url", "origin", "https://ada:p@ss@example.com/acme/shop.git");
    expect(await here().identity()).toMatchObject({ url: "https://example.com/acme/shop" });
  });
});
