import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyArtifacts } from "./copy-artifacts.ts";
import { removeTree } from "./remove-tree.ts";
import { artifactDirectory, storeArtifact } from "./store-artifact.ts";
import { verifyArtifact } from "./verify-artifact.ts";

let root: string;
let from: string;
let to: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-copy-"));
  [from, to] = [join(root, "from"), join(root, "to")];
});
afterEach(() => removeTree(root));

async function made(text: string): Promise<string> {
  const source = join(root, "source");
  await mkdir(join(source, "deep"), { recursive: true });
  await writeFile(join(source, "deep/file"), text);
  await writeFile(join(source, "program"), "#!/bin/sh\n", { mode: 0o755 });
  const { digest } = await storeArtifact(source, from);
  await rm(source, { recursive: true });
  return digest;
}

test("every artifact is in the other store afterwards, byte for byte, however often it is copied", async () => {
  const digests = [await made("one"), await made("two")];
  const bytes = await copyArtifacts(from, to);
  expect(await copyArtifacts(from, to)).toBe(bytes);
  for (const digest of digests) await verifyArtifact(digest, to);
  expect(await readFile(join(artifactDirectory(digests[1] ?? "", to), "deep/file"), "utf8")).toBe("two");
});

test("a store that is not there has nothing to copy", async () => {
  expect(await copyArtifacts(join(root, "nowhere"), to)).toBe(0);
});

test("one that is not what was stored is refused by its digest, and nothing of it is found in the other store", async () => {
  const digest = await made("one");
  const file = join(artifactDirectory(digest, from), "deep/file");
  await chmod(file, 0o644);
  await writeFile(file, "ona");
  await expect(copyArtifacts(from, to)).rejects.toMatchObject({
    code: "artifact_damaged",
    message: expect.stringContaining(digest) as string,
  });
  await expect(verifyArtifact(digest, to)).rejects.toMatchObject({ code: "not_found" });
});
