import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

// Unit tests import the sources of every workspace and need no build. Stories and chaos drive processes (daemon, router,
// shim), which are the built ones: `npm test` builds first. So they import what is built too, which loads in half the time.
const conditions = ["@fairway/source", "module", "node", "development|production"];
const ofSources = { resolve: { conditions }, ssr: { resolve: { conditions } } };

interface Suite {
  readonly name: string;
  readonly include: readonly string[];
  readonly timeout: number;
  readonly imports: "sources" | "what is built";
}

// Nearly every suite waits: alone, a story or a run of kills keeps a quarter of two cores busy (measured: processor time
// against the clock). So twice as many go side by side as there are cores, all from one queue: vitest takes chaos, stories
// and units in the order of these names, so what takes seconds comes last and no long one ends alone. Nothing may depend
// on having the machine to itself.
const workers = Math.min(8, Math.max(2, 2 * availableParallelism()));

// No `extends`: a suite that extends the root repeats the global set-up, once for itself and once for the root.
function suite({ name, include, timeout, imports }: Suite): TestProjectInlineConfiguration {
  return {
    ...(imports === "sources" ? ofSources : {}),
    test: {
      ...(imports === "sources" ? {} : { server: { deps: { external: [/\/dist\//] } } }),
      name,
      include: [...include],
      testTimeout: timeout,
      hookTimeout: timeout,
      pool: "forks",
      maxWorkers: workers,
      restoreMocks: true,
      unstubEnvs: true,
    },
  };
}

const globalSetup = join(import.meta.dirname, "tools/vitest-global-setup.ts");
const minute = 60_000;

export default defineConfig({
  ...ofSources,
  test: {
    ...(existsSync(globalSetup) ? { globalSetup } : {}),
    allowOnly: false,
    projects: [
      suite({
        name: "unit",
        include: ["{packages,plugins,apps}/*/src/**/*.test.ts", "tools/**/*.test.ts"],
        timeout: minute,
        imports: "sources",
      }),
      suite({
        name: "stories",
        include: ["tests/stories/**/*.test.ts"],
        timeout: 3 * minute,
        imports: "what is built",
      }),
      suite({
        name: "chaos",
        include: ["tests/chaos/**/*.test.ts"],
        timeout: 12 * minute,
        imports: "what is built",
      }),
    ],
  },
});
