import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Abi, Hex } from "viem";

const root: string = fileURLToPath(new URL("../../../../", import.meta.url));
const tools: string = join(root, ".cache/evm-tools");

/** Where anvil, forge and solc are. */
export const evmPrograms: string = join(tools, "bin");
/** A PATH on which they are. */
export const evmPath = (): string => [evmPrograms, process.env["PATH"] ?? ""].join(delimiter);
/** The contracts of the marketplace that can be upgraded. */
const marketFolder: string = join(root, "examples/marketplace/contracts/market");

/** Changes to the marketplace's sources, by file: what is replaced by what. */
export type SourceChanges = Readonly<Record<string, readonly (readonly [was: string, is: string])[]>>;

/**
 * The folder of build-info files of the marketplace's contracts with these changes. Compiled once for the same sources and
 * kept with the tools.
 */
export async function builtMarket(changes: SourceChanges = {}): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(changes));
  for (const file of [
    "build.mjs",
    "compile.mjs",
    ...(await readdir(join(marketFolder, "src"))).map((name) => `src/${name}`),
  ])
    hash.update(await readFile(join(marketFolder, file)));
  const place = join(tools, "builds", hash.digest("hex").slice(0, 24));
  if (await isThere(place)) return place;
  const folder = await changedMarket(changes);
  await promisify(execFile)(process.execPath, [join(folder, "build.mjs")], {
    env: { ...process.env, PATH: evmPath() },
  });
  const draft = `${place}.${process.pid}.${Math.random()}`;
  await cp(join(folder, "dist"), draft, { recursive: true });
  await rename(draft, place).catch(() => rm(draft, { recursive: true, force: true }));
  await rm(folder, { recursive: true, force: true });
  return place;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A copy of the marketplace's contracts with these changes. */
export async function changedMarket(changes: SourceChanges): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fairway-market-"));
  const skipped = new Set(["dist", "out", "cache", "node_modules"]);
  await cp(marketFolder, folder, { recursive: true, filter: (path) => !skipped.has(path.split("/").at(-1) ?? "") });
  for (const [file, edits] of Object.entries(changes)) {
    let text = await readFile(join(folder, file), "utf8");
    for (const [was, is] of edits) {
      if (!text.includes(was)) throw new Error(`${file} has no ${was}`);
      text = text.replace(was, is);
    }
    await writeFile(join(folder, file), text);
  }
  return folder;
}

/** A contract of Safe, as its package has it. */
export function safeArtifact(file: string): { readonly abi: Abi; readonly bytecode: Hex } {
  const require = createRequire(join(tools, "package.json"));
  return require(`@safe-global/safe-contracts/build/artifacts/contracts/${file}`) as { abi: Abi; bytecode: Hex };
}

/** A second version: a variable behind the others, and what sets it. */
export const secondVersion: SourceChanges = {
  "src/TokenMarket.sol": [
    [
      "mapping(address seller => uint256) public proceeds;",
      "mapping(address seller => uint256) public proceeds;\n    uint256 public leastPrice;",
    ],
    ["return 1;", "return 2;"],
    [
      "function _authorizeUpgrade",
      "/// @notice Sets the least price.\n    function setLeastPrice(uint256 price) external onlyOwner {\n        leastPrice = price;\n    }\n\n    function _authorizeUpgrade",
    ],
  ],
  "src/FeePolicy.sol": [["BASIS_POINTS = 250", "BASIS_POINTS = 200"]],
};

/** With a fee that is given to the policy when it is made, and the proxies of the other two kinds. */
export const allKinds: SourceChanges = {
  "src/Proxies.sol": [
    [
      'import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";',
      'import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";\nimport {TransparentUpgradeableProxy} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";\nimport {UpgradeableBeacon} from "@openzeppelin/contracts/proxy/beacon/UpgradeableBeacon.sol";',
    ],
  ],
  "src/FeePolicy.sol": [
    [
      "uint256 public constant BASIS_POINTS = 250;",
      "/// @custom:oz-upgrades-unsafe-allow state-variable-immutable\n    uint256 public immutable BASIS_POINTS;\n\n    /// @custom:oz-upgrades-unsafe-allow constructor\n    constructor(uint256 basisPoints) {\n        BASIS_POINTS = basisPoints;\n    }",
    ],
    ["external pure", "external view"],
  ],
};

/** The same with another way to work the fee out. */
export const allKindsAgain: SourceChanges = {
  ...allKinds,
  "src/FeePolicy.sol": [
    ...(allKinds["src/FeePolicy.sol"] ?? []),
    ["(price * BASIS_POINTS) / 10_000", "price * BASIS_POINTS / 10_000 + 1"],
  ],
};

/** One that puts a variable before the others, so that all behind it are read from the wrong place. */
export const brokenStorage: SourceChanges = {
  "src/TokenMarket.sol": [
    ["IERC20 public token;", "uint256 public leastPrice;\n    IERC20 public token;"],
    ["return 1;", "return 3;"],
  ],
};

/** The branch of the marketplace that loses what was sold: the market thinks that it holds more than it does. */
export async function plantedBug(): Promise<string> {
  const folder = await changedMarket({});
  const branch = join(root, "examples/marketplace/.demo/planted-bug/files/contracts/market");
  await cp(branch, folder, { recursive: true });
  return folder;
}
