import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Direction, readDirectionTable } from "./direction-table.ts";

// A linter that stops looking says "no problems", as two of the three tools tried for this did. So every cell of the
// direction table is planted in a copy outside the repository, allowed and forbidden alike, and one run must report
// exactly the forbidden ones.

const root = join(import.meta.dirname, "..");
const table = readDirectionTable(join(root, "ARCHITECTURE.md"));
const workspaces = ["packages", "plugins", "apps"].flatMap((kind) =>
  readdirSync(join(root, kind), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${kind}/${entry.name}`),
);
const plugins = workspaces.filter((workspace) => workspace.startsWith("plugins/"));
const rowOf = (workspace: string): string =>
  workspace.startsWith("plugins/") && !table.some(({ from }) => from === workspace) ? "plugins/*" : workspace;
const packageNameOf = (workspace: string): string =>
  workspace === "apps/cli" ? "fairway" : `@fairway/${workspace.replace(/^.*\//u, "")}`;

// What a workspace starts or serves: it must depend on it to find its files, and may still import nothing of it.
const started: Readonly<Record<string, readonly string[]>> = {
  "apps/server": ["@fairway/router", "@fairway/dashboard"],
};

interface Plant {
  readonly file: string;
  readonly lines: readonly string[];
  /** The rule that must report it, or undefined when nothing may. */
  readonly rule: string | undefined;
}

const importForms = (specifier: string): readonly string[] => [
  `import { a } from "${specifier}";`,
  `import type { B } from "${specifier}";`,
  `import "${specifier}";`,
  `export * from "${specifier}";`,
  `export const c = [a, {} as B, await import("${specifier}")];`,
];

function specifiersOf(to: string): readonly string[] {
  if (to === "plugins") return plugins.map(packageNameOf);
  if (to === "node:") return ["node:fs"];
  if (to === "@dbos-inc/*") return ["@dbos-inc/dbos-sdk"];
  if (to === "other packages") return ["picocolors"];
  if (to === "@aws-sdk/*") return ["@aws-sdk/client-ecs"];
  if (to === "pg") return ["pg"];
  const workspace = workspaces.find((known) => known.endsWith(`/${to}`));
  if (workspace === undefined) throw new Error(`the direction table has a column "${to}", which is no workspace`);
  return [packageNameOf(workspace)];
}

function plantsOf(direction: Direction): readonly Plant[] {
  const folders = workspaces.filter((workspace) => rowOf(workspace) === direction.from);
  return folders.flatMap((folder) =>
    specifiersOf(direction.to)
      .filter((specifier) => specifier !== packageNameOf(folder))
      .flatMap((specifier, index) => {
        const name = `${direction.to.replaceAll(/[^a-z]/gu, "")}-${index}`;
        const lines = importForms(specifier);
        const plant = (path: string, allowed: boolean): Plant => ({
          file: `${folder}/${path}`,
          lines,
          rule: allowed ? undefined : "eslint(no-restricted-imports)",
        });
        const inPlaces = direction.places.map((place) => (place.endsWith("/") ? `${place}planted-${name}.ts` : place));
        return [
          plant(`src/planted-${name}.ts`, direction.everywhere),
          plant(`src/planted/deep/planted-${name}.ts`, direction.everywhere),
          plant(`src/planted-${name}.test.ts`, direction.tests),
          plant(`src/planted/testing/planted-${name}.ts`, direction.tests),
          ...inPlaces.map((path) => plant(path, true)),
        ];
      }),
  );
}

const engineSource = "packages/engine/src";
const otherPlants: Readonly<Record<string, Plant>> = {
  "a cycle of imports": {
    file: `${engineSource}/cycle-one.ts`,
    lines: [`import { two } from "./cycle-two.ts";`, "export const one = (): unknown => two;"],
    rule: "import(no-cycle)",
  },
  "another workspace's source by a relative path": {
    file: `${engineSource}/relative.ts`,
    lines: [`export * from "../../../plugins/builtin/src/index.ts";`],
    rule: "eslint(no-restricted-imports)",
  },
  "another workspace's source by its package": {
    file: `${engineSource}/inside.ts`,
    lines: [`export * from "@fairway/core/src/errors.ts";`],
    rule: "eslint(no-restricted-imports)",
  },
  "a type imported inline, which the direction rule does not see": {
    file: `${engineSource}/inline-type.ts`,
    lines: [`export type Config = import("@fairway/server").Config;`],
    rule: "typescript(consistent-type-imports)",
  },
  "child_process.exec": {
    file: `${engineSource}/exec.ts`,
    lines: [`import { exec } from "node:child_process";`, `exec("ls");`],
    rule: "fairway(no-shell)",
  },
  "child_process.execSync": {
    file: `${engineSource}/exec-sync.ts`,
    lines: [`import { execSync as run } from "node:child_process";`, `run("ls");`],
    rule: "fairway(no-shell)",
  },
  "the whole of child_process": {
    file: `${engineSource}/whole-module.ts`,
    lines: [`import * as processes from "node:child_process";`, `processes.exec("ls");`],
    rule: "fairway(no-shell)",
  },
  "shell: true": {
    file: `${engineSource}/shell-true.ts`,
    lines: [`import { spawn } from "node:child_process";`, `spawn("ls", [], { shell: true });`],
    rule: "fairway(no-shell)",
  },
  "shell: a path": {
    file: `${engineSource}/shell-path.ts`,
    lines: [`import { spawn } from "node:child_process";`, `spawn("ls", [], { shell: "/bin/bash" });`],
    rule: "fairway(no-shell)",
  },
  "shell: true in options built beforehand": {
    file: `${engineSource}/shell-options.ts`,
    lines: [`export const options = { shell: true };`],
    rule: "fairway(no-shell)",
  },
  "a shell that is only data": {
    file: `${engineSource}/shell-data.ts`,
    lines: [`export const step = { shell: "bash", run: "make" };`],
    rule: undefined,
  },
  "an error that is caught and dropped": {
    file: `${engineSource}/empty-catch.ts`,
    lines: ["export function f(): void {", "  try { JSON.parse(f.name); } catch {}", "}"],
    rule: "eslint(no-empty)",
  },
  "a floating promise": {
    file: `${engineSource}/floating.ts`,
    lines: ["async function f(): Promise<void> {}", "export function g(): void { f(); }"],
    rule: "typescript(no-floating-promises)",
  },
};

interface Reported {
  readonly filename: string;
  readonly code: string;
}

let copy: string;
let reported: ReadonlyMap<string, readonly string[]>;

function write(plant: Plant): void {
  const path = join(copy, plant.file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${plant.lines.join("\n")}\n`);
}

function lint(): ReadonlyMap<string, readonly string[]> {
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const run = spawnSync(process.execPath, [oxlint, "--type-aware", "--format", "json"], {
    cwd: copy,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (!run.stdout.startsWith("{")) throw new Error(`oxlint did not run: ${run.stderr}${run.stdout}`);
  const { diagnostics } = JSON.parse(run.stdout) as { readonly diagnostics: readonly Reported[] };
  const byFile = new Map<string, string[]>();
  for (const { filename, code } of diagnostics) byFile.set(filename, [...(byFile.get(filename) ?? []), code]);
  return byFile;
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "fairway-boundaries-"));
  for (const file of [".oxlintrc.json", "tsconfig.base.json", "tools/oxlint-plugin.mjs"])
    cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  writeFileSync(join(copy, ".gitignore"), "node_modules\n");
  for (const workspace of workspaces) {
    mkdirSync(join(copy, workspace), { recursive: true });
    writeFileSync(
      join(copy, workspace, "tsconfig.json"),
      `{ "extends": "../../tsconfig.base.json", "include": ["src"] }`,
    );
  }
  for (const direction of table) plantsOf(direction).forEach(write);
  Object.values(otherPlants).forEach(write);
  write({
    file: `${engineSource}/cycle-two.ts`,
    lines: [`import { one } from "./cycle-one.ts";`, "export const two = one;"],
    rule: undefined,
  });
  reported = lint();
  // Ten seconds of work, for which a busy machine takes minutes.
}, 300_000);

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe("the linter agrees with the direction table of ARCHITECTURE.md", () => {
  test.each(table)("$from → $to", (direction) => {
    const plants = plantsOf(direction);
    const found = plants.map(({ file }) => [file, timesForbidden(file)]);
    // The type import and the value import of one specifier are both reported, hence every line counts.
    expect(found).toEqual(plants.map(({ file, lines, rule }) => [file, rule === undefined ? 0 : lines.length]));
  });

  function timesForbidden(file: string): number {
    return reported.get(file)?.filter((code) => code === "eslint(no-restricted-imports)").length ?? 0;
  }
});

describe("the linter reports", () => {
  test.each(Object.entries(otherPlants).filter(([, plant]) => plant.rule !== undefined))("%s", (_, plant) => {
    expect(reported.get(plant.file) ?? []).toContain(plant.rule);
  });

  test("nothing about a shell that is only data", () => {
    expect(reported.get(`${engineSource}/shell-data.ts`) ?? []).toEqual([]);
  });
});

describe("the workspaces agree with the direction table", () => {
  test("every workspace has a row", () => {
    const rows = new Set(table.map(({ from }) => from));
    expect(workspaces.filter((workspace) => !rows.has(rowOf(workspace)))).toEqual([]);
  });

  test.each(workspaces)("%s has its name, and depends on nothing it may not import", (workspace) => {
    const manifest = JSON.parse(readFileSync(join(root, workspace, "package.json"), "utf8")) as Manifest;
    expect(manifest.name).toBe(packageNameOf(workspace));
    const wrong = table
      .filter(({ from, everywhere, places }) => from === rowOf(workspace) && !everywhere && places.length === 0)
      .flatMap(({ to }) => (["node:", "other packages"].includes(to) ? [] : specifiersOf(to)))
      .filter((specifier) => specifier !== manifest.name && !started[workspace]?.includes(specifier))
      .filter((specifier) => Object.hasOwn(manifest.dependencies ?? {}, specifier));
    expect(wrong).toEqual([]);
  });

  interface Manifest {
    readonly name: string;
    readonly dependencies?: Readonly<Record<string, string>>;
  }
});
