import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { certificateProblems, certificatesIn } from "./certificates.ts";

test("a folder of certificates is read by its names; halves are listed too, so that somebody says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fairway-certificates-"));
  const files = (host: string): object => ({
    ...{ host, certificate: join(folder, `${host}.crt`), key: join(folder, `${host}.key`) },
  });
  for (const name of ["shop.test.crt", "shop.test.key", "*.shop.test.crt", "lost.key", "README", "old.crt.bak"])
    writeFileSync(join(folder, name), "");
  expect(await certificatesIn(folder)).toEqual(["*.shop.test", "lost", "shop.test"].map(files));
  rmSync(folder, { recursive: true });
});

test("where no folder is, nothing is said about certificates", async () => {
  expect(await certificatesIn("/nowhere/certificates")).toBeNull();
});

test("a certificate that has expired or soon will is a problem that says what to do", () => {
  const now = Date.parse("2026-11-22T12:00:00.000Z");
  const until = (host: string, validUntil: string): { host: string; validUntil: string } => ({ host, validUntil });
  const found = certificateProblems(
    [
      until("old.test", "2026-11-20T00:00:00.000Z"),
      until("soon.test", "2026-11-27T13:00:00.000Z"),
      until("well.test", "2027-02-01T00:00:00.000Z"),
    ],
    now,
  );
  expect(found).toEqual([
    expect.stringContaining("old.test has expired on 2026-11-20"),
    expect.stringMatching(/soon\.test expires on 2026-11-27, in 5 days; .*router reload/),
  ]);
});
