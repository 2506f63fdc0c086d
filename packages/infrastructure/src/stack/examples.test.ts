import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { Stack, ToolEnd } from "./terraform.ts";
import { terraformStack } from "./terraform.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const path = [process.env["PATH"] ?? "", join(root, ".cache/quality-tools/bin")].join(delimiter);

const stackIn = (folder: string, environment: string): Stack =>
  terraformStack(
    (argv) =>
      new Promise<ToolEnd>((resolve) => {
        const env = { PATH: path, HOME: folder, TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1" };
        execFile("terraform", [...argv], { cwd: folder, env }, (error, output) =>
          resolve({ code: error === null ? 0 : Number(error.code), output }),
        );
      }),
    { varFiles: [`${environment}.tfvars`] },
  );

test.skipIf(!needs("terraform")).each([
  ["marketplace", 3, 5],
  ["blockbuilders", 3, 4],
])(
  "the infrastructure of %s plans and applies without a network",
  async (example, staging, production) => {
    const folder = await mkdtemp(join(tmpdir(), "fairway-example-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await cp(join(root, "examples", example, "infrastructure"), folder, { recursive: true });
    const its = stackIn(folder, "staging");
    expect(await its.prepare()).toEqual({ outcome: "ready" });
    const planned = await its.plan(join(folder, "staging.plan"));
    expect("plan" in planned ? planned.plan.changes.length : planned).toBe(staging);
    const other = await stackIn(folder, "production").plan(join(folder, "production.plan"));
    expect("plan" in other ? other.plan.changes.length : other).toBe(production);
    expect(await its.apply(join(folder, "staging.plan"))).toEqual({ outcome: "applied" });
    expect(await its.plan(join(folder, "again.plan"))).toEqual({ outcome: "nothing" });
  },
  180_000,
);
