import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const path = [process.env["PATH"] ?? "", join(root, ".cache/quality-tools/bin")].join(delimiter);
const layout = join(root, "examples/marketplace/infrastructure/aws");
/** A folder of providers as `terraform providers mirror` makes it, with hashicorp/aws in it. */
const mirror = process.env["FAIRWAY_TERRAFORM_MIRROR"];

const terraform = (
  folder: string,
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly said: string }> =>
  new Promise((resolve) => {
    const env = { PATH: path, HOME: folder, TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1" };
    execFile("terraform", [...argv], { cwd: folder, env }, (error, output, errors) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: output + errors }),
    );
  });

test.skipIf(!needs("terraform"))(
  "the layout for AWS is formatted and parses, and is valid where its provider is there",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "fairway-layout-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await cp(layout, folder, { recursive: true });
    // It says which files it would change, and refuses what it cannot parse.
    expect(await terraform(folder, "fmt", "-check", "-list=true")).toMatchObject({ code: 0 });
    expect((await readdir(folder)).filter((name) => name.endsWith(".tf"))).toHaveLength(8);
    if (mirror === undefined) return;
    const ready = await terraform(folder, "init", "-input=false", "-backend=false", `-plugin-dir=${mirror}`);
    expect(ready).toMatchObject({ code: 0 });
    const valid = await terraform(folder, "validate");
    expect(valid).toMatchObject({ code: 0 });
  },
  180_000,
);
