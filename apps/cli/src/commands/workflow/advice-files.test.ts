import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { adviceFiles } from "./advice-files.ts";

test("scripts and playbooks that git knows are looked at", async () => {
  const root = mkdtempSync(join(tmpdir(), "fairway-advice-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  expect(await adviceFiles(root)).toEqual([]);
  for (const file of [
    "ops/playbooks/roll back.md",
    "scripts/deploy.sh",
    "gone.md",
    "src/index.ts",
    "node_modules/a/README.md",
  ]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), file);
  }
  writeFileSync(join(root, ".gitignore"), "node_modules\n");
  symlinkSync("nowhere", join(root, "link.md"));
  execFileSync("git", ["init", "-q"], { cwd: root });
  execFileSync("git", ["add", "."], { cwd: root });
  rmSync(join(root, "gone.md"));
  expect(await adviceFiles(root)).toEqual([
    { file: "ops/playbooks/roll back.md", text: "ops/playbooks/roll back.md" },
    { file: "scripts/deploy.sh", text: "scripts/deploy.sh" },
  ]);
});
