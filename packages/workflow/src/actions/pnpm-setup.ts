import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import type { BuiltInAction, BuiltInRun } from "./built-in.ts";
import { isWithin } from "./tool-versions.ts";

/** `pnpm/action-setup`: the pnpm of this machine if it will do, otherwise one from the npm registry, kept for later jobs. */
export const pnpmSetup: BuiltInAction = {
  name: "pnpm/action-setup",
  inputs: {
    version: "",
    dest: "~/setup-pnpm",
    run_install: "null",
    package_json_file: "package.json",
    standalone: "false",
    cache: "false",
    cache_dependency_path: "",
  },
  async main(run) {
    const version = run.input("version") || (await versionOfPackage(run));
    if (version === "") {
      throw new TypeError(
        `No pnpm version is specified.\nPlease specify it by one of the following ways:\n  - in the action's input "version"\n  - in ${run.input("package_json_file")} with the key "packageManager"`,
      );
    }
    const range = version === "latest" ? "*" : version;
    const present = await run.exec(["pnpm", "--version"], { quiet: true });
    let bin: string | undefined;
    if (present.code === 0 && isWithin(present.output.trim(), range)) {
      run.info(`pnpm ${present.output.trim()} of this machine`);
    } else {
      bin = await install(run, version);
      run.addPath(bin);
      run.exportVariable("PNPM_HOME", bin);
    }
    run.setOutput("dest", run.input("dest"));
    run.setOutput("bin_dest", bin ?? "");
    await runInstall(run, bin);
  },
};

async function install(run: BuiltInRun, version: string): Promise<string> {
  const folder = join(run.host.folders.toolCache, "pnpm", version.replaceAll(/[^\w.-]/g, "_"));
  const bin = join(folder, "node_modules/.bin");
  await mkdir(folder, { recursive: true });
  if (await exists(join(bin, "pnpm"))) {
    run.info(`pnpm ${version} in ${folder}`);
    return bin;
  }
  // npm makes the link in `.bin` last.
  const npm = [
    "npm",
    "install",
    "--prefix",
    folder,
    "--no-audit",
    "--no-fund",
    "--no-save",
    `pnpm@${version}`,
  ] as const;
  const { code } = await run.exec(npm);
  if (code !== 0) {
    throw new TypeError(
      `pnpm ${version} is not on this machine, and could not be installed from the npm registry (exit code ${code ?? "unknown"}): see above. Install it on this machine to work without the registry.`,
    );
  }
  return bin;
}

async function runInstall(run: BuiltInRun, bin: string | undefined): Promise<void> {
  const wanted: unknown = parse(run.input("run_install"));
  if (wanted === null || wanted === false) return;
  const installs = wanted === true ? [{}] : Array.isArray(wanted) ? wanted : [wanted];
  for (const one of installs as readonly {
    readonly recursive?: boolean;
    readonly cwd?: string;
    readonly args?: readonly string[];
  }[]) {
    const args = [...(one.recursive === true ? ["recursive"] : []), "install", ...(one.args ?? [])];
    const cwd = resolve(run.host.folders.workspace, one.cwd ?? "");
    const program = bin === undefined ? "pnpm" : join(bin, "pnpm");
    const { code } = await run.exec([program, ...args], { cwd });
    if (code !== 0)
      throw new TypeError(`Command pnpm ${args.join(" ")} (cwd: ${cwd}) exits with status ${code ?? "unknown"}`);
  }
}

async function versionOfPackage(run: BuiltInRun): Promise<string> {
  try {
    const text = await readFile(resolve(run.host.folders.workspace, run.input("package_json_file")), "utf8");
    const { packageManager } = JSON.parse(text) as { readonly packageManager?: unknown };
    const found = typeof packageManager === "string" ? /^pnpm@([^+]+)/.exec(packageManager) : null;
    return found?.[1] ?? "";
  } catch {
    return ""; // Without a file that can be read there is no version in it.
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false; // Then it is installed.
  }
}
