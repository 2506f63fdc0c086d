import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { workerFolder } from "./worker-folder.ts";

test("what a worker that was killed has left is taken away, and nothing else", async () => {
  const place = await mkdtemp(join(tmpdir(), "fairway-folders-"));
  onTestFinished(() => rm(place, { recursive: true, force: true }));
  // No process has such a number.
  const lost = join(place, "fairway-worker-999999999-lost");
  const others = ["fairway-worker-x", `fairway-worker-${process.ppid}-alive`, "something"].map((name) =>
    join(place, name),
  );
  for (const folder of [lost, ...others]) await mkdir(folder);
  await writeFile(join(lost, "secret"), "sesame");
  const link = join(place, "fairway-worker-999999998-link");
  await symlink(others[2] ?? "", link);
  const own = await workerFolder(place);
  expect(own).toContain(`fairway-worker-${process.pid}-`);
  expect(existsSync(lost)).toBe(false);
  expect([...others, link].map((path) => existsSync(path))).toEqual([true, true, true, true]);
});
