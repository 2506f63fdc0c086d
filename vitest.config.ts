import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defaultExclude, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { ownProcess } from "./tools/own-process.mjs";

// Unit tests import the sources of every workspace and need no build. Stories and chaos drive processes (daemon, router,
// shim), which are the built ones: `npm test` builds first. So they import what is built too, which loads in half the time.
const conditions = ["@fairway/source", "node", "development|production"];
const ofSources = { resolve: { conditions }, ssr: { resolve: { conditions } } };

interface Suite {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  readonly timeout: number;
  readonly imports: "sources" | "what is built";
  /** Files that share a process load the sources once, and must leave nothing behind in it. */
  readonly each: "in a process of its own" | "in a shared process";
  readonly runs: keyof typeof workersOf;
}

// Nearly every suite waits: alone, a story or a run of kills keeps a quarter of two cores busy (measured: processor time
// against the clock). So twice as many go side by side as there are cores, stories and units from one queue: vitest takes
// projects in the order of their names, so what takes seconds comes last and no long one ends alone. Chaos puts the load on
// the machine itself, and is left alone with it, as many as there are cores.
const cores = Math.min(4, availableParallelism());
const workersOf = { beside: Math.max(2, 2 * cores + 1), alone: Math.max(2, cores) } as const;

// No `extends`: a suite that extends the root repeats the global set-up, once for itself and once for the root.
function suite({ name, include, exclude = [], timeout, imports, each, runs }: Suite): TestProjectInlineConfiguration {
  return {
    ...(imports === "sources" ? ofSources : {}),
    test: {
      ...(imports === "sources" ? {} : { server: { deps: { external: [/\/dist\//] } } }),
      name,
      include: [...include],
      exclude: [...defaultExclude, ...exclude],
      testTimeout: timeout,
      hookTimeout: timeout,
      pool: "forks",
      isolate: each === "in a process of its own",
      maxWorkers: workersOf[runs],
      sequence: { groupOrder: runs === "beside" ? 0 : 1 },
      restoreMocks: true,
      unstubEnvs: true,
    },
  };
}

const globalSetup = join(import.meta.dirname, "tools/vitest-global-setup.ts");
const minute = 60_000;
const plugins = readdirSync(join(import.meta.dirname, "plugins")).map((name) => `plugins/${name}/src`);
const { own, shared } = ownProcess(import.meta.dirname, [
  "packages/engine/src",
  "apps/router/src",
  "tools",
  ...plugins,
]);

export default defineConfig({
  ...ofSources,
  test: {
    ...(existsSync(globalSetup) ? { globalSetup } : {}),
    allowOnly: false,
    projects: [
      // Whatever a durable engine, a database server, a container or a router leaves behind ends with the file's process.
      suite({
        name: "integration",
        include: own,
        timeout: minute,
        imports: "sources",
        each: "in a process of its own",
        runs: "beside",
      }),
      // Loading the sources anew for each file took longer than its tests: half of the processor's time of these.
      suite({
        name: "unit",
        include: ["{packages,apps}/*/src/**/*.test.ts", ...shared],
        exclude: own,
        timeout: minute,
        imports: "sources",
        each: "in a shared process",
        runs: "beside",
      }),
      suite({
        name: "stories",
        include: ["tests/stories/**/*.test.ts"],
        timeout: 3 * minute,
        imports: "what is built",
        each: "in a process of its own",
        runs: "beside",
      }),
      suite({
        name: "chaos",
        include: ["tests/chaos/**/*.test.ts"],
        timeout: 12 * minute,
        imports: "what is built",
        each: "in a process of its own",
        runs: "alone",
      }),
    ],
  },
});
