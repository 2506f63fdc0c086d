import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { certificatesIn } from "./certificates.ts";

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
