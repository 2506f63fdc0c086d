import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTofuPlaces } from "../../../../tools/opentofu-places.mjs";
import { needs } from "../../../../tools/skips.ts";
import { toldDiagnostic } from "./diagnostics.ts";
import type { Stack, ToolEnd } from "./terraform.ts";
import { terraformStack } from "./terraform.ts";

/** Both, as users have them. */
const programs = [
  ["terraform", fileURLToPath(new URL("../../../../.cache/quality-tools/bin/terraform", import.meta.url))],
  ["opentofu", join(openTofuPlaces.find((place) => existsSync(join(place, "bin"))) ?? "", "bin/tofu")],
] as const;
let program = "";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairway-stack-"));
  await writeFile(join(folder, "main.tf"), configuration);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const configuration = `variable "size" { default = 1 }
resource "terraform_data" "a" {
  count = var.size
  input = "x"
}
output "size" { value = var.size }
`;

const stack = (size = 1, more: Readonly<Record<string, string>> = {}): Stack =>
  terraformStack(
    (argv) =>
      new Promise<ToolEnd>((resolve) => {
        execFile(
          program,
          [...argv],
          {
            cwd: folder,
            env: {
              PATH: process.env["PATH"],
              HOME: folder,
              TF_IN_AUTOMATION: "1",
              CHECKPOINT_DISABLE: "1",
              TF_VAR_size: String(size),
              ...more,
            },
          },
          (error, output) => resolve({ code: error === null ? 0 : Number(error.code), output }),
        );
      }),
  );

// Each asks the program several times, which takes seconds where much else runs.
describe.each(programs)("a stack of %s", { timeout: 180_000 }, (name, path) => {
  beforeEach(({ skip }) => {
    if (!needs(name)) skip();
    program = path;
  });

  test("plans, applies exactly that, and then has nothing to do", async () => {
    const its = stack();
    expect(await its.version()).toMatch(new RegExp(`^${name} 1\\.\\d+\\.\\d+`, "u"));
    expect(await its.prepare()).toEqual({ outcome: "ready" });
    expect(await its.basis()).toEqual({ workspace: "default", serial: null, lineage: null });
    const file = join(folder, "plan.bin");
    const planned = await its.plan(file);
    expect(planned).toMatchObject({
      outcome: "planned",
      plan: { changes: [{ address: "terraform_data.a[0]", action: "create" }], outputs: ["size"], whole: true },
    });
    expect(await its.apply(file)).toEqual({ outcome: "applied" });
    const { serial, lineage } = await its.basis();
    expect([typeof serial, typeof lineage]).toEqual(["number", "string"]);
    expect(await its.plan(join(folder, "again.bin"))).toEqual({ outcome: "nothing" });
    expect(await its.plan(join(folder, "look.bin"), "refresh-only")).toEqual({ outcome: "nothing" });
  });

  test("refuses a plan of a state that has changed since, and the same plan twice", async () => {
    const its = stack();
    await its.prepare();
    const [first, second] = [join(folder, "1.bin"), join(folder, "2.bin")];
    await its.plan(first);
    await stack(2).plan(second);
    expect(await its.apply(first)).toEqual({ outcome: "applied" });
    expect(await its.apply(second)).toEqual({ outcome: "stale" });
    expect(await its.apply(first)).toEqual({ outcome: "stale" });
  });

  test("says file, line and column of what is wrong with the code", async () => {
    const its = stack();
    await its.prepare();
    await writeFile(join(folder, "bad.tf"), 'resource "terraform_data" {\n}\n');
    const refused = await its.plan(join(folder, "plan.bin"));
    expect(refused).toMatchObject({ outcome: "refused" });
    const [first] = "diagnostics" in refused ? refused.diagnostics : [];
    expect(first === undefined ? "" : toldDiagnostic(first)).toMatch(/^bad\.tf:1:\d+ Missing name for resource: /u);
  });

  test("a plan that cannot be written says that the disk is full, and where", async ({ skip }) => {
    if (name === "terraform") skip("Terraform 1.15 reads /dev/full, which never ends");
    const its = stack();
    await its.prepare();
    const refused = await its.plan("/dev/full");
    expect(JSON.stringify(refused)).toMatch(/plan file.*no space left on device/iu);
    expect(refused.outcome).toBe("refused");
  });

  test("a provider that nobody has is named, with where it was looked for", async () => {
    const mirror = `provider_installation {\n  filesystem_mirror {\n    path = "${folder}/mirror"\n  }\n}\n`;
    await writeFile(join(folder, "settings.tfrc"), mirror);
    await writeFile(
      join(folder, "versions.tf"),
      'terraform {\n  required_providers {\n    nowhere = { source = "example/nowhere" }\n  }\n}\n',
    );
    const refused = await stack(1, { TF_CLI_CONFIG_FILE: join(folder, "settings.tfrc") }).prepare();
    const [first] = "diagnostics" in refused ? refused.diagnostics : [];
    expect(first?.summary).toMatch(/^Failed to (?:query available|resolve) provider packages$/u);
    expect(first?.detail).toMatch(/example\/nowhere/u);
  });

  test("plans to take everything away when it is asked to", async () => {
    const its = stack(2);
    await its.prepare();
    const file = join(folder, "plan.bin");
    await its.plan(file);
    await its.apply(file);
    const away = await its.plan(join(folder, "away.bin"), "destroy");
    expect(away).toMatchObject({ plan: { changes: [{ action: "destroy" }, { action: "destroy" }] } });
    expect(await readFile(join(folder, "terraform.tfstate"), "utf8")).toContain("terraform_data");
  });
});
