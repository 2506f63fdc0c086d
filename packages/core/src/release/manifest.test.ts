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

test("migrations alone, infrastructure alone and bytecode alone make another release", () => {
  const digest = (release: unknown): string => digestOf(manifestOf(release as Release, {}, digestOf));
  const [part] = made.parts;
  const migrated = { ...made, parts: [{ ...part, migrations: { digest: "sha256:m1", count: 1 } }] };
  const stack = { name: "network", folder: "infrastructure", program: "terraform" };
  const digests = [
    digest(made),
    digest(migrated),
    digest({ ...made, parts: [{ ...part, migrations: { digest: "sha256:m2", count: 1 } }] }),
    digest({ ...made, project: { ...made.project, infrastructure: [stack] } }),
    digest({ ...made, project: { ...made.project, infrastructure: [{ ...stack, folder: "elsewhere" }] } }),
    // Bytecode lies in the artifact of its service.
    digest({ ...made, parts: [{ ...part, artifact: "sha256:another" }] }),
  ];
  expect(new Set(digests).size).toBe(digests.length);
  expect(digest(structuredClone(migrated))).toBe(digest(migrated));
});
