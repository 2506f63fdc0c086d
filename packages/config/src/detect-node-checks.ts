import { posix } from "node:path";
import { commandWords } from "./command-words.ts";
import type { Folder } from "./folder.ts";
import { openFolder } from "./folder.ts";
import { isRecord } from "./path.ts";
import type { CheckConfig, ServiceConfig } from "./project-config.ts";

/** What is known of a package whose checks are looked for. */
export interface CheckedPackage {
  readonly folder: Folder;
  /** As package.json has it, with its scope. */
  readonly name: string | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: readonly string[];
  readonly manager: "npm" | "pnpm" | "yarn";
}

type Checks = NonNullable<ServiceConfig["checks"]>;

const checkScripts = { lint: ["lint"], typecheck: ["typecheck", "type-check", "check-types", "tsc"], test: ["test"] };
const eslintFiles = ["eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts"];
const hardhatFiles = ["hardhat.config.js", "hardhat.config.cjs", "hardhat.config.ts"];
const runsInstalled = { npm: "npx", pnpm: "pnpm exec", yarn: "yarn" } as const;

/** The checks of a package: its scripts, and tools that are set up in its folder though no script runs them. */
export function detectNodeChecks(about: CheckedPackage): Checks {
  const { folder, scripts, dependencies, manager } = about;
  const found: Record<string, CheckConfig> = {};
  for (const [check, names] of Object.entries(checkScripts)) {
    const script = names.find((candidate) => scripts[candidate] !== undefined);
    // What `npm init` writes when there are no tests.
    if (script === undefined || scripts[script]?.includes("no test specified")) continue;
    found[check] = throughMonorepoTool(about, script) ?? byScript(manager, script, scripts[script] ?? "");
  }
  const installed = runsInstalled[manager];
  if (found["lint"] === undefined && eslintFiles.some(folder.has))
    found["lint"] = { command: `${installed} eslint .`, report: "eslint" };
  const compiles = /\btsc\b/u.test(scripts["build"] ?? "");
  if (
    found["typecheck"] === undefined &&
    !compiles &&
    folder.has("tsconfig.json") &&
    dependencies.includes("typescript")
  )
    found["typecheck"] = { command: `${installed} tsc --noEmit`, report: "tsc" };
  if (hardhatFiles.some(folder.has)) found["compile"] = { command: `${installed} hardhat compile`, report: "hardhat" };
  return { ...found, ...detectFoundryChecks(folder) };
}

/** What Foundry checks in a folder that is set up for it. */
export const detectFoundryChecks = (folder: Folder): Checks =>
  folder.has("foundry.toml")
    ? {
        "forge-build": { command: "forge build", requires: ["forge"], report: "forge" },
        "forge-test": { command: "forge test", requires: ["forge"], needs: ["forge-build"], report: "forge" },
      }
    : {};

/** The script, with the report of the one tool that it runs. */
function byScript(manager: CheckedPackage["manager"], script: string, text: string): CheckConfig {
  const command = script === "test" ? `${manager} test` : `${manager} run ${script}`;
  const split = commandWords(text);
  // More than one tool, or a shell between: whose exit code it is, nobody knows.
  if ("problem" in split) return command;
  const [program = "", ...words] = split.words;
  switch (program) {
    case "eslint":
    case "tsc":
    case "vitest":
      return { command, report: program };
    case "node":
      // Node takes its reporters only in front of the files, so the script is written out.
      return words.includes("--test") ? { command: text, report: "node-test" } : command;
    default:
      return command;
  }
}

/** Where Turborepo or Nx runs a script it also builds what the package depends on. */
export function throughMonorepoTool(
  { folder, name, manager }: Pick<CheckedPackage, "folder" | "name" | "manager">,
  script: string,
): { readonly command: string; readonly cwd: string } | null {
  const root = openFolder(folder.root, ".");
  if (folder.path === "." || name === undefined) return null;
  const installed = runsInstalled[manager];
  const cwd = posix.relative(folder.path, ".");
  if (tasksOf(root.read("turbo.json")).includes(script))
    return { command: `${installed} turbo run ${script} --filter=${name}`, cwd };
  return root.has("nx.json") ? { command: `${installed} nx run ${name}:${script}`, cwd } : null;
}

/** The tasks of a turbo.json; before its version 2 they were the pipeline. */
function tasksOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return []; // With comments, say: its scripts are run without it.
    throw thrown;
  }
  const found = isRecord(whole) ? (whole["tasks"] ?? whole["pipeline"]) : undefined;
  return isRecord(found) ? Object.keys(found) : [];
}
