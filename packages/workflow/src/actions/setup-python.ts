import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import semver from "semver";
import type { BuiltInAction, BuiltInRun } from "./built-in.ts";
import { cachedTool, isWithin } from "./tool-versions.ts";

/**
 * `actions/setup-python`: a Python of this machine, in an environment of the job's own, because the system's Python lets
 * nobody install packages into it. VIRTUAL_ENV is not set, so that Poetry makes its own environments as on GitHub.
 */
export const setupPython: BuiltInAction = {
  name: "actions/setup-python",
  inputs: {
    "python-version": "",
    "python-version-file": "",
    cache: "",
    architecture: "",
    "check-latest": "false",
    token: "",
    "cache-dependency-path": "",
    "update-environment": "true",
    "allow-prereleases": "false",
    freethreaded: "false",
    "pip-version": "",
    "pip-install": "",
  },
  async main(run) {
    const written = await wantedVersions(run);
    let last: FoundPython | undefined;
    for (const version of written) last = await setUp(run, version);
    if (last === undefined) throw new TypeError("There is no Python on this machine.");
    run.setOutput("python-version", last.version);
    run.setOutput("python-path", last.program);
    run.setOutput("cache-hit", "false");
    if (run.input("cache") !== "")
      run.info("The package manager's own cache on this machine is used; nothing is saved or restored.");
  },
};

interface FoundPython {
  readonly version: string;
  readonly program: string;
}

async function setUp(run: BuiltInRun, written: string): Promise<FoundPython> {
  const range = rangeOfPython(written);
  const found = await findPython(run, range);
  if ("seen" in found) {
    const seen = found.seen.length === 0 ? "there is none" : `this machine has ${found.seen.join(", ")}`;
    throw new TypeError(
      `Python ${written} was asked for, and ${seen}. Install it (python${written} on PATH), or ask for a version that is here.`,
    );
  }
  const folder = join(run.host.folders.temp, `python-${found.version}`);
  const program = join(folder, "bin/python");
  const { code } = await run.exec([found.program, "-m", "venv", folder], { quiet: true });
  if (code !== 0) {
    throw new TypeError(
      `Python ${found.version} could not make an environment (exit code ${code ?? "unknown"}). On Debian the package python3-venv is missing.`,
    );
  }
  run.info(`Python ${found.version} of ${found.program}, in ${folder}`);
  if (run.flag("update-environment")) {
    run.addPath(join(folder, "bin"));
    for (const name of ["pythonLocation", "Python_ROOT_DIR", "Python2_ROOT_DIR", "Python3_ROOT_DIR"])
      run.exportVariable(name, folder);
    run.exportVariable("PKG_CONFIG_PATH", join(folder, "lib/pkgconfig"));
  }
  const packages = run.input("pip-install");
  if (packages !== "") {
    const installed = await run.exec([program, "-m", "pip", "install", ...packages.split(/\s+/)]);
    if (installed.code !== 0) throw new TypeError(`pip install ${packages} failed`);
  }
  return { version: found.version, program };
}

async function findPython(run: BuiltInRun, range: string): Promise<FoundPython | { readonly seen: readonly string[] }> {
  const cached = await cachedTool(run.host.folders.toolCache, "Python", range);
  if (cached !== undefined) return { version: cached.version, program: join(cached.folder, "bin/python3") };
  const exact = semver.minVersion(range);
  const names = exact === null || range === "*" ? [] : [`python${exact.major}.${exact.minor}`];
  const seen = new Set<string>();
  for (const name of [...names, "python3", "python"]) {
    const { code, output } = await run.exec([name, "-c", "import platform; print(platform.python_version())"], {
      quiet: true,
    });
    const version = output.trim();
    if (code !== 0) continue;
    if (isWithin(version, range)) return { version, program: (await run.which(name)) ?? name };
    seen.add(version);
  }
  return { seen: [...seen] };
}

async function wantedVersions(run: BuiltInRun): Promise<readonly string[]> {
  const written = run.input("python-version");
  if (written !== "")
    return written
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  const name = run.input("python-version-file") || ".python-version";
  try {
    const text = await readFile(resolve(run.host.folders.workspace, name), "utf8");
    const found = name.endsWith(".toml")
      ? /^\s*(?:requires-)?python\s*=\s*"([^"]+)"/m.exec(text)?.[1]
      : text.trim().split("\n")[0];
    return found === undefined || found === "" ? ["3.x"] : [found];
  } catch {
    if (run.input("python-version-file") === "") return ["3.x"];
    throw new TypeError(`The specified python version file at: ${name} doesn't exist.`);
  }
}

/** What people write for Python as a range: `3.11`, `3.x`, `>=3.9,<3.13`, `~=3.11`. */
function rangeOfPython(written: string): string {
  const range = written
    .split(",")
    .map((part) =>
      part
        .trim()
        .replace(/^==/, "")
        .replace(/^~=\s*(\d+)\.(\d+)$/, "^$1.$2")
        .replace(/^~=/, "~")
        .replace(/-dev$/, ""),
    )
    .join(" ");
  if (semver.validRange(range) === null) throw new TypeError(`"${written}" is no version of Python`);
  return range;
}
