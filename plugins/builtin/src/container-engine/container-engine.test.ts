import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf } from "@fairway/core";
import { expect, onTestFinished, test } from "vitest";
import { containerEngine } from "./container-engine.ts";

test("once it is closed no build begins, so that nothing is left when its daemon has ended", async () => {
  const directory = mkdtempSync(join(tmpdir(), "fairway-engine-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const engine = containerEngine({ address: { kind: "podman", program: "no-such-podman" }, directory });
  await engine.close();
  expect(await engine.forBuild().catch(codeOf)).toBe("target_unreachable");
  expect(await engine.forRegistry("a certificate").catch(codeOf)).toBe("target_unreachable");
  expect(readdirSync(directory).filter((name) => name.startsWith("build-"))).toEqual([]);
});
