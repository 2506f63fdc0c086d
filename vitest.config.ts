import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

// Tests import the sources of every workspace, so a unit test needs no build. Processes that a test starts (daemon,
// router, shim) are the built ones: `npm test` builds first.
const conditions = ["@fairway/source", "module", "node", "development|production"];

interface Suite {
  readonly name: string;
  readonly include: readonly string[];
  readonly timeout: number;
  readonly workers: number;
  readonly order: number;
}

// Suites run one after the other (`order`). Stories wait for events and judge no times, so two go side by side; a chaos run
// loads and kills, so it has the machine to itself. No `extends`: a suite that extends the root repeats the global set-up, once for itself and once for the root.
function suite({ name, include, timeout, workers, order }: Suite): TestProjectInlineConfiguration {
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: [...include],
      testTimeout: timeout,
      hookTimeout: timeout,
      pool: "forks",
      maxWorkers: workers,
      fileParallelism: workers > 1,
      sequence: { groupOrder: order },
      restoreMocks: true,
      unstubEnvs: true,
    },
  };
}

const globalSetup = join(import.meta.dirname, "tools/vitest-global-setup.ts");
const minute = 60_000;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    ...(existsSync(globalSetup) ? { globalSetup } : {}),
    allowOnly: false,
    projects: [
      suite({
        name: "unit",
        include: ["{packages,plugins,apps}/*/src/**/*.test.ts", "tools/**/*.test.ts"],
        timeout: 20_000,
        workers: 2,
        order: 0,
      }),
      suite({ name: "stories", include: ["tests/stories/**/*.test.ts"], timeout: 3 * minute, workers: 2, order: 1 }),
      suite({ name: "chaos", include: ["tests/chaos/**/*.test.ts"], timeout: 12 * minute, workers: 1, order: 2 }),
    ],
  },
});
