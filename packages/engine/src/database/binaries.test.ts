import { expect, test } from "vitest";
import { compareVersions } from "./binaries.ts";

test("versions are ordered by their numbers, and a beta before its release", () => {
  const ordered = ["17.10.0-beta.17", "18.4.0-beta.9", "18.4.0-beta.17", "18.4.0", "18.4.1-beta.1", "18.10.0"];
  expect(ordered.toReversed().sort(compareVersions)).toEqual(ordered);
  expect(compareVersions("18.4.0", "18.4.0")).toBe(0);
});
