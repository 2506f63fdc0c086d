import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BuiltInAction, BuiltInRun } from "./built-in.ts";
import { cachedTool, isWithin, rangeOf } from "./tool-versions.ts";

/** `actions/setup-node`: a Node that is on this machine. Nothing is downloaded. */
export const setupNode: BuiltInAction = {
  name: "actions/setup-node",
  inputs: {
    "always-auth": "false",
    "node-version": "",
    "node-version-file": "",
    architecture: "",
    "check-latest": "false",
    "registry-url": "",
    scope: "",
    token: "",
    cache: "",
    "package-manager-cache": "true",
    "cache-dependency-path": "",
    mirror: "",
    "mirror-token": "",
  },
  async main(run) {
    const written = run.input("node-version") || (await versionFromFile(run));
    const range = rangeOf(written);
    const found = (await cachedTool(run.host.folders.toolCache, "node", range)) ?? (await installed(run, range));
    if ("problem" in found)
      throw new TypeError(
        `Node ${written} was asked for, and ${found.problem}. Install it on this machine, or unpack it to ${run.host.folders.toolCache}/node/<version>/${process.arch}, beside an empty file ${process.arch}.complete.`,
      );
    if (found.folder !== undefined) run.addPath(join(found.folder, "bin"));
    run.info(`Node ${found.version}${found.folder === undefined ? " of this machine" : ` in ${found.folder}`}`);
    if (run.input("cache") !== "")
      run.info("The package manager's own cache on this machine is used; nothing is saved or restored.");
    run.setOutput("node-version", `v${found.version}`);
    run.setOutput("cache-hit", "false");
    await configureRegistry(run);
  },
};

interface FoundNode {
  readonly version: string;
  readonly folder?: string;
}

async function installed(run: BuiltInRun, range: string): Promise<FoundNode | { readonly problem: string }> {
  const { code, output } = await run.exec(["node", "--version"], { quiet: true });
  const version = output.trim().replace(/^v/, "");
  if (code === 0 && isWithin(version, range)) return { version };
  const own = process.versions.node;
  if (isWithin(own, range)) return { version: own, folder: resolve(process.execPath, "../..") };
  return { problem: code === 0 ? `this machine has ${version}` : "there is none on PATH" };
}

async function versionFromFile(run: BuiltInRun): Promise<string> {
  const name = run.input("node-version-file");
  if (name === "") return "";
  const path = resolve(run.host.folders.workspace, name);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    throw new TypeError(`The specified node version file at: ${path} does not exist`);
  }
  if (!name.endsWith("package.json")) {
    return /^(?:nodejs|node)\s+(\S+)/m.exec(text)?.[1] ?? text.trim().split(/\s/)[0] ?? "";
  }
  const { volta, engines } = JSON.parse(text) as {
    readonly volta?: { readonly node?: string };
    readonly engines?: { readonly node?: string };
  };
  return volta?.node ?? engines?.node ?? "";
}

/** A registry and where its token comes from: the variable, so that no file holds the token. */
async function configureRegistry(run: BuiltInRun): Promise<void> {
  const url = run.input("registry-url");
  if (url === "") return;
  const { host, pathname, href } = new URL(url.endsWith("/") ? url : `${url}/`);
  const scope = run.input("scope").replace(/^(?!@|$)/, "@");
  const file = join(run.host.folders.temp, ".npmrc");
  const lines = [
    `//${host}${pathname}:_authToken=\${NODE_AUTH_TOKEN}`,
    `${scope === "" ? "" : `${scope}:`}registry=${href}`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  run.exportVariable("NPM_CONFIG_USERCONFIG", file);
  run.exportVariable(
    "NODE_AUTH_TOKEN",
    run.env["NODE_AUTH_TOKEN"] ?? (run.input("token") || "XXXXX-XXXXX-XXXXX-XXXXX"),
  );
}
