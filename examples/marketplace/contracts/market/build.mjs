/**
 * Compiles the contracts into one build-info file, the form that Hardhat and Foundry write: bytecode, ABI, metadata and
 * storage layout of each, and the tree that the checks of an upgrade read. `node build.mjs`
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { here, tools } from "./compile.mjs";

const { solc, packages } = tools();
const sources = {};

async function take(name) {
  if (sources[name]) return;
  const own = join(here, name);
  const content = await readFile(existsSync(own) ? own : join(packages, name), "utf8");
  sources[name] = { content };
  for (const [, imported] of content.matchAll(/^import[^"';]*["']([^"']+)["'];/gm))
    await take(imported.startsWith(".") ? posix.normalize(`${posix.dirname(name)}/${imported}`) : imported);
}
for (const file of (await readdir(join(here, "src"))).sort()) await take(`src/${file}`);

const input = {
  language: "Solidity",
  sources,
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: "cancun",
    outputSelection: {
      "*": {
        "": ["ast"],
        "*": ["abi", "metadata", "storageLayout", "evm.bytecode", "evm.deployedBytecode", "evm.methodIdentifiers"],
      },
    },
  },
};
const compiled = spawnSync(solc, ["--standard-json"], { input: JSON.stringify(input), maxBuffer: 2 ** 28 });
if (compiled.status !== 0) throw new Error(`solc: ${String(compiled.stderr)}`);
const output = JSON.parse(compiled.stdout);
const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
for (const { formattedMessage } of errors) console.error(formattedMessage);
if (errors.length > 0) process.exit(1);
const version = String(spawnSync(solc, ["--version"]).stdout).match(/Version: (\d+\.\d+\.\d+\+commit\.[0-9a-f]+)/)[1];
const info = {
  _format: "hh-sol-build-info-1",
  solcVersion: version.split("+")[0],
  solcLongVersion: version,
  input,
  output,
};
const id = createHash("sha256").update(JSON.stringify(input)).digest("hex").slice(0, 32);
const file = join(here, "dist/build-info", `${id}.json`);
await rm(join(here, "dist"), { recursive: true, force: true });
await mkdir(dirname(file), { recursive: true });
await writeFile(file, JSON.stringify(info));
console.log(`compiled ${Object.keys(sources).length} files with solc ${version}`);
