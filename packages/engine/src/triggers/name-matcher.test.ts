import { expect, test } from "vitest";
import { nameMatcher } from "./name-matcher.ts";

const only = (...patterns: readonly string[]) => ({ ignore: false, patterns }) as const;

test.each<[patterns: readonly string[], fits: readonly string[], not: readonly string[]]>([
  [["v*"], ["v1", "v1.2.3", "v"], ["1.0", "V1", "release/v1", "v1/x"]],
  [["v[0-9]+.[0-9]+.[0-9]+"], ["v1.2.3", "v10.20.30"], ["v1.2", "v1.2.3-rc.1", "v1.2.3.4"]],
  [["releases/**"], ["releases/1", "releases/a/b"], ["release/1", "releases"]],
  [["v*", "!v*-rc*"], ["v1.2.3"], ["v1.2.3-rc1"]],
  [["web@*"], ["web@1.0.0"], ["api@1.0.0"]],
])("the tags of %j", async (patterns, fits, not) => {
  const matcher = await nameMatcher();
  expect(fits.filter((name) => !matcher.fits(only(...patterns), name))).toEqual([]);
  expect(not.filter((name) => matcher.fits(only(...patterns), name))).toEqual([]);
});

test.each<[range: string, within: readonly string[], not: readonly string[]]>([
  ["^1.2.0", ["v1.2.0", "1.9.9", "v1.2.3+build"], ["v2.0.0", "v1.1.9", "v1.3.0-rc.1", "one", "v1.2", "vv1.2.0"]],
  [">=1.0.0-0", ["v1.0.0-rc.1", "v1.0.0", "v3.2.1"], ["v0.9.9", "latest", ""]],
  ["1.x || >=3", ["v1.5.0", "v3.0.0"], ["v2.0.0", "v4.0.0-beta"]],
  ["*", ["v0.0.1"], ["v1", "01.2.3", "v1.2.3.4", "1.2.3; touch pwned"]],
])("the versions of %j", async (range, within, not) => {
  const matcher = await nameMatcher();
  expect(within.filter((tag) => !matcher.inRange(range, tag))).toEqual([]);
  expect(not.filter((tag) => matcher.inRange(range, tag))).toEqual([]);
});
