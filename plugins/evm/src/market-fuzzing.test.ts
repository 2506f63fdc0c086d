import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { evmPath, plantedBug } from "./testing/evm-tools.ts";

test.skipIf(!needs("anvil"))(
  "an invariant finds the bug of a branch, and the seed that it names finds it again",
  async () => {
    const folder = await plantedBug();
    const run = (...words: readonly string[]): { readonly status: number | null; readonly stdout: string } =>
      spawnSync(process.execPath, [join(folder, "forge-test.mjs"), ...words], {
        encoding: "utf8",
        env: { ...process.env, PATH: evmPath(), HOME: folder },
      });
    try {
      const first = run();
      expect(first.status).toBe(1);
      expect(first.stdout).toMatch(/\[FAIL: [\s\S]*invariant_TheMarketIsSolvent/u);
      const [, seed = ""] = /^fuzz seed: (0x[0-9a-f]+)$/mu.exec(first.stdout) ?? [];
      // Not from what was kept of the first time, but from the seed alone.
      for (const kept of ["invariant", "fuzz", "test-failures"])
        await rm(join(folder, "cache", kept), { recursive: true, force: true });
      const again = run("--fuzz-seed", seed);
      const sequence = (text: string): string | undefined => /\[Sequence\] \(original: \d+/u.exec(text)?.[0];
      expect(sequence(first.stdout)).toBeDefined();
      expect(sequence(again.stdout)).toBe(sequence(first.stdout));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  // Compiling takes a minute where everything else compiles, too.
  300_000,
);
