import type { IgnoreRule, ResourceChange } from "@fairway/core";
import { describe, expect, test } from "vitest";
import { classifyDrift, standing } from "./classify-drift.ts";

const now = "2026-11-22T10:00:00.000Z";

const change = (
  address: string,
  paths: readonly string[],
  action: ResourceChange["action"] = "update",
): ResourceChange => ({
  address,
  type: address.split(".")[0] ?? "",
  action,
  from: null,
  reason: null,
  fields: paths.map((path) => ({ path, before: "1", after: "2", sensitive: false, unknown: false, replaces: false })),
});

const rule = (resource: string, field: string | null, until = "2027-01-01T00:00:00.000Z"): IgnoreRule => ({
  resource,
  field,
  reason: "autoscaling does it",
  until,
});

const kinds = (...args: Parameters<typeof classifyDrift>): readonly (readonly [string, string])[] =>
  classifyDrift(...args).map(({ address, kind }) => [address, kind]);

describe("what differs between code, state and world", () => {
  test("is somebody else's where the world differs, and ours where only the code does", () => {
    expect(
      kinds([change("aws_x.a", ["size"])], [change("aws_x.a", ["size"]), change("aws_x.b", ["size"])], [], now),
    ).toEqual([
      ["aws_x.a", "out-of-band"],
      ["aws_x.b", "ours"],
    ]);
  });

  test("is noise where a rule says so, and only the fields that it names", () => {
    const rules = [rule("aws_x.*", "size")];
    expect(kinds([change("aws_x.a", ["size", "size[0]", "size.low"])], [], rules, now)).toEqual([["aws_x.a", "noise"]]);
    const [left] = classifyDrift([change("aws_x.a", ["size", "sizes"])], [], rules, now);
    expect([left?.kind, left?.fields.map(({ path }) => path)]).toEqual(["out-of-band", ["sizes"]]);
    expect(kinds([change("aws_y.a", ["size"])], [], rules, now)).toEqual([["aws_y.a", "out-of-band"]]);
  });

  test("is told again once the rule has expired", () => {
    const [told] = classifyDrift([change("aws_x.a", ["size"])], [], [rule("aws_x.a", null, now)], now);
    expect([told?.kind, told?.because]).toEqual(["out-of-band", [`autoscaling does it (expired at ${now})`]]);
  });

  test("is no noise where a resource is gone, unless all of it may be", () => {
    const gone = change("aws_x.a", ["size"], "destroy");
    expect(kinds([gone], [], [rule("aws_x.a", "size")], now)).toEqual([["aws_x.a", "out-of-band"]]);
    expect(kinds([gone], [], [rule("aws_x.a", null)], now)).toEqual([["aws_x.a", "noise"]]);
  });

  test("takes the dots and brackets of an address as they are", () => {
    expect(kinds([change('aws_x.a["b.c"]', ["size"])], [], [rule('aws_x.a["b.c"]', null)], now)).toEqual([
      ['aws_x.a["b.c"]', "noise"],
    ]);
    expect(kinds([change("aws_xya", ["size"])], [], [rule("aws_x.a", null)], now)[0]?.[1]).toBe("out-of-band");
  });
});

test("a finding keeps its first day and its owner, and ends when it is gone", () => {
  const earlier = {
    address: "aws_x.a",
    firstSeen: "2026-11-01T00:00:00.000Z",
    lastSeen: "2026-11-02T00:00:00.000Z",
    owner: "anna",
  };
  const found = classifyDrift([change("aws_x.a", ["size"]), change("aws_x.b", ["size"])], [], [], now);
  expect(standing(found, [earlier, { ...earlier, address: "aws_x.gone" }], now)).toEqual([
    { ...earlier, lastSeen: now },
    { address: "aws_x.b", firstSeen: now, lastSeen: now, owner: null },
  ]);
});
