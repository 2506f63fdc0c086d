import { expect, test } from "vitest";
import { isSameApartFromFlags, manifestOf } from "./manifest.ts";
import type { Release } from "./release.ts";

const made = {
  revision: { sha: "a".repeat(40) },
  project: { name: "shop", services: [], environments: [] },
  parts: [{ service: "api", artifact: "sha256:1", inputs: "sha256:2", takenFrom: null }],
} as unknown as Release;
const digestOf = (value: unknown): string => JSON.stringify(value);

test("manifests that differ by flags alone are of the same release but for them", () => {
  const one = manifestOf(made, { staging: { TOKEN: "v1" } }, digestOf, "sha256:f1");
  expect(one.flags).toBe("sha256:f1");
  expect(manifestOf(made, {}, digestOf).flags).toBeNull();
  expect(isSameApartFromFlags(one, { ...one, flags: "sha256:f2" })).toBe(true);
  expect(isSameApartFromFlags(one, { ...one, flags: null })).toBe(true);
  expect(isSameApartFromFlags(one, { ...one, secrets: { staging: { TOKEN: "v2" } } })).toBe(false);
  expect(isSameApartFromFlags(one, { ...one, sha: "b".repeat(40) })).toBe(false);
});
