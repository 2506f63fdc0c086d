import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { knownValues } from "./known-values.ts";
import { scanFiles } from "./scan-files.ts";
import { openScanner } from "./scan-text.ts";

vi.setConfig({ testTimeout: 120_000 });

const places: string[] = [];
afterAll(async () => {
  for (const place of places) await rm(place, { recursive: true, force: true });
});

test("of 3,000 files without keys, those of Fairway itself, two at the most are told", async () => {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8", maxBuffer: 16 * 1024 ** 2 });
  // Tests have passwords that they made up, and a scanner that tells of those is right.
  const clean = listed.split("\0").filter((file) => file !== "" && !/\.test\.|^tests\/|\/testing\//.test(file));
  const files = clean.slice(0, 3000);
  const folder = await mkdtemp(join(tmpdir(), "fairway-clean-"));
  places.push(folder);
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(root, file), join(folder, file));
  }
  const nameOf = (value: string): string => createHash("sha256").update(value).digest("hex");
  const known = knownValues([{ credential: "pay@production", value: nameOf("made up") }]);
  const { findings, files: looked } = await scanFiles(
    { known, nameOf, scan: await openScanner({ known, nameOf }) },
    folder,
  );
  expect(looked).toBeGreaterThan(2900);
  expect(findings.map(({ path, line, rule }) => `${path}:${line} ${rule}`).slice(2)).toEqual([]);
});
