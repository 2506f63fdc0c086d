import { expect, test } from "vitest";
import { flagProblemText, flagSetProblems } from "./flag-problems.ts";
import type { FlagValue } from "./flag-set.ts";
import { resolveSharedRules } from "./shared-rules.ts";

const flag = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  state: "ENABLED",
  variants: { on: true, off: false },
  defaultVariant: "off",
  ...more,
});
const problemsOf = (one: unknown, more: Record<string, unknown> = {}): readonly string[] =>
  flagSetProblems({ flags: { "new-checkout": one }, ...more }).map(flagProblemText);

test("a sound set has no problems, with every operation that flagd knows", () => {
  expect(
    problemsOf(
      flag({
        targeting: {
          if: [
            { and: [{ in: ["@example.com", { var: ["email", ""] }] }, { starts_with: [{ var: "page" }, "/shop"] }] },
            "on",
            { sem_ver: [{ var: "version" }, "^", "2.0.0"] },
            { $ref: "slowly" },
            { fractional: [{ cat: [{ var: "$flagd.flagKey" }, { var: "email" }] }, ["on", 25], ["off", 75]] },
          ],
        },
        metadata: { owner: "shop", permanent: true },
      }),
      { $evaluators: { slowly: { fractional: [["on", 1], ["off"]] } }, metadata: { team: "web" } },
    ),
  ).toEqual([]);
});

test.each<[string, unknown, string]>([
  ["a state that is none", flag({ state: "on" }), '/flags/new-checkout/state: is "on"; write "ENABLED" or "DISABLED"'],
  [
    "no variants",
    flag({ variants: {}, defaultVariant: null }),
    "/flags/new-checkout/variants: is empty; name at least one value",
  ],
  [
    "variants of two types",
    flag({ variants: { on: true, off: "no" } }),
    '/flags/new-checkout/variants/off: is a string, while "on" is a boolean; give all variants of a flag the same type',
  ],
  [
    "a number that would be rounded",
    flag({ variants: { on: 2 ** 53, off: 0 } }),
    "/flags/new-checkout/variants/on: 9007199254740992 is beyond ±(2^53 − 1); give it as a string",
  ],
  [
    "a default that is no variant",
    flag({ defaultVariant: "toString" }),
    '/flags/new-checkout/defaultVariant: "toString" is no variant; name one of: on, off',
  ],
  [
    "an answer that is no variant",
    flag({ targeting: { if: [{ "==": [{ var: "beta" }, true] }, "beta", "off"] } }),
    '/flags/new-checkout/targeting/if/1: "beta" is no variant; name one of: on, off',
  ],
  [
    "an operation that is none",
    flag({ targeting: { frac: [] } }),
    "/flags/new-checkout/targeting/frac: is no operation; use one of: if, ",
  ],
  [
    "weights that are no whole numbers",
    flag({
      targeting: {
        fractional: [
          ["on", 0.5],
          ["off", 99.5],
        ],
      },
    }),
    "/flags/new-checkout/targeting/fractional/0/1: is 0.5; give a whole number from 0 on",
  ],
  [
    "weights that add up to nothing",
    flag({
      targeting: {
        fractional: [
          ["on", 0],
          ["off", 0],
        ],
      },
    }),
    "/flags/new-checkout/targeting/fractional: its weights add up to 0; let them",
  ],
  [
    "a rule that is a word",
    flag({ targeting: "on" }),
    '/flags/new-checkout/targeting: is "on"; give a rule: { "if": [ … ] }, or leave it out',
  ],
  [
    "a shared rule that is not there",
    flag({ targeting: { $ref: "beta~/users" } }),
    '/flags/new-checkout/targeting/$ref: "beta~/users" is no shared rule; add it under "$evaluators"',
  ],
  [
    "a field that is none",
    flag({ varaints: {} }),
    "/flags/new-checkout/varaints: is not known here; leave it out; known are:",
  ],
  ["metadata of lists", flag({ metadata: { tags: [] } }), "/flags/new-checkout/metadata/tags: is []; give a string,"],
  ["a flag that is a number", 7, "/flags/new-checkout: is not an object; give an object"],
])("%s is told with its place and what to do", (_what, given, expected) => {
  expect(problemsOf(given)[0]).toContain(expected);
});

test("a key that could not be asked for is refused, and one that every object has", () => {
  const keys = ["", "a b", "a/b", "__proto__", "-x", "x".repeat(129), "ä"];
  const flags = JSON.parse(
    `{${keys.map((key) => `${JSON.stringify(key)}: ${JSON.stringify(flag())}`).join(",")}}`,
  ) as unknown;
  expect(flagSetProblems({ flags })).toHaveLength(keys.length);
  expect(flagSetProblems({ flags: { constructor: flag(), "a.b-c_D9": flag() } })).toEqual([]);
});

test("shared rules that go in a circle are refused, and no way of writing them keeps us busy", () => {
  const circle = { a: { "!": { $ref: "b" } }, b: { and: [{ $ref: "c" }, true] }, c: { $ref: "a" } };
  expect(problemsOf(flag({ targeting: { if: [{ $ref: "a" }, "on"] } }), { $evaluators: circle })[0]).toContain(
    "goes in a circle: ",
  );
  const doubling = Object.fromEntries(
    Array.from({ length: 60 }, (_, index): [string, FlagValue] => [
      `l${index}`,
      index === 59 ? { var: "x" } : { and: [{ $ref: `l${index + 1}` }, { $ref: `l${index + 1}` }] },
    ]),
  );
  const [problem] = problemsOf(flag({ targeting: { if: [{ $ref: "l0" }, "on"] } }), { $evaluators: doubling });
  expect(problem).toMatch(/^\/\$evaluators: with its shared rules in place the set has \d/);
});

test("what is nested deeper than the stack, too large or too many is refused", () => {
  const deep = JSON.parse(`${'{"!":'.repeat(100_000)}1${"}".repeat(100_000)}`) as unknown;
  expect(problemsOf(flag({ targeting: deep }))).toEqual(["the whole: is nested deeper than 64; flatten it"]);
  expect(problemsOf(flag({ variants: { on: "x".repeat(70_000) }, defaultVariant: "on" }))[0]).toMatch(
    /^\/flags\/new-checkout: the flag has \d+ characters; keep it to 65536/,
  );
  const many = Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`f${index}`, flag()]));
  expect(flagSetProblems({ flags: many })).toMatchObject([{ pointer: "/flags", problem: "holds 2001 flags" }]);
});

test.each([null, 7, "flags", [], {}, { flags: [] }, { flags: null }])("%j is no set of flags", (given) => {
  expect(flagSetProblems(given)).toHaveLength(1);
});

test("shared rules are put where they are used, within each other as well", () => {
  const set = {
    flags: { f: { ...flag(), targeting: { if: [{ $ref: "staff" }, "on"] } } as never },
    $evaluators: { staff: { or: [{ $ref: "mail" }, { var: "staff" }] }, mail: { in: ["@us", { var: "email" }] } },
  };
  expect(resolveSharedRules(set).flags["f"]?.targeting).toEqual({
    if: [{ or: [{ in: ["@us", { var: "email" }] }, { var: "staff" }] }, "on"],
  });
});
