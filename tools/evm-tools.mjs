// Installs what the tests of smart contracts need, into .cache/evm-tools: a chain of its own (anvil), forge, Hardhat, solhint,
// the Solidity compiler of npm behind a wrapper that forge takes for the native one, and the Safe and OpenZeppelin contracts.
// The tools of users, not of this repository. Quick when they are there. `node tools/evm-tools.mjs`
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { installUserTools } from "./install-user-tools.mjs";

/** @param {string} name */
const program = (name) => `#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
exec "$here/node_modules/@foundry-rs/${name}-linux-$(node -p 'process.arch === "arm64" ? "arm64" : "amd64"')/bin/${name}" "$@"
`;

/** Forge asks a compiler for its version, and gives it standard JSON; the one of npm is a library. */
const compiler = `import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const solc = createRequire(import.meta.url)("solc");
if (process.argv.includes("--version"))
  process.stdout.write(\`solc, the solidity compiler commandline interface\\nVersion: \${solc.version()}\\n\`);
else process.stdout.write(solc.compile(readFileSync(0, "utf8")));
`;

await installUserTools({
  script: import.meta.url,
  node: {
    "@foundry-rs/anvil": "1.7.1",
    "@foundry-rs/forge": "1.7.1",
    "@openzeppelin/contracts": "5.4.0",
    "@openzeppelin/contracts-upgradeable": "5.4.0",
    "@safe-global/safe-contracts": "1.4.1",
    ethers: "5.4.0",
    // The next major version wants Node 22.
    hardhat: "2.29.1",
    solc: "0.8.28",
    solhint: "6.2.4",
  },
  async finish(place) {
    for (const name of ["anvil", "forge"]) await writeFile(join(place, "bin", name), program(name), { mode: 0o755 });
    await writeFile(join(place, "solc.mjs"), compiler);
    await writeFile(join(place, "bin/solc"), '#!/bin/sh\nexec node "$(dirname "$0")/../solc.mjs" "$@"\n', {
      mode: 0o755,
    });
    const linter = '#!/bin/sh\nexec "$(dirname "$0")/../node_modules/.bin/solhint" "$@"\n';
    await writeFile(join(place, "bin/solhint"), linter, { mode: 0o755 });
  },
});
