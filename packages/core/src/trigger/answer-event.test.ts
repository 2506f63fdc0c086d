import fc from "fast-check";
import { expect, test } from "vitest";
import type { PullRequestEvent, PushEvent } from "../forge/forge-event.ts";
import { isRefName } from "../forge/ref-names.ts";
import { answerEvent } from "./answer-event.ts";
import type { TriggerSource } from "./trigger.ts";
import { readInputs } from "./trigger-inputs.ts";

const push = (ref: string, more: Partial<PushEvent> = {}): PushEvent => ({
  kind: "push",
  name: "push",
  by: "dana",
  payload: null,
  ref,
  before: null,
  after: "a".repeat(40),
  message: "Change it",
  ...more,
});
const pull = (action: string): PullRequestEvent => ({
  kind: "pull-request",
  name: "pull_request",
  by: "dana",
  payload: null,
  action,
  number: 7,
  title: "A change",
  state: "open",
  head: { ref: "topic", sha: "b".repeat(40) },
  base: { ref: "main", sha: null },
  fromFork: false,
  message: null,
  changedAt: null,
});
const facts = {
  changedPaths: ["docs/a.md"],
  isOn: (branch: string) => branch === "main",
  matcher: {
    fits: ({ patterns }: { readonly patterns: readonly string[] }, name: string) => patterns.includes(name),
    inRange: (range: string, tag: string) => tag === range,
  },
};
const only = (pattern: string): { readonly ignore: false; readonly patterns: readonly string[] } => ({
  ignore: false,
  patterns: [pattern],
});
const onPush: TriggerSource = { kind: "push", branches: only("main"), paths: null };
const onTag: TriggerSource = { kind: "tag", tags: { names: only("v1"), semver: null }, branch: "main" };
const onPull: TriggerSource = { kind: "pull-request", branches: null, paths: null, types: ["opened"] };

test("what listens answers with a reason, and what does not listen says nothing", () => {
  const answer = (on: readonly TriggerSource[], event: Parameters<typeof answerEvent>[1]): string | null => {
    const found = answerEvent({ on }, event, facts);
    return found && `${found.starts ? "yes" : "no"}: ${found.because}`;
  };
  expect(answer([onPush], push("refs/heads/main"))).toBe("yes: push of main");
  expect(answer([onPush], push("refs/heads/other"))).toBe("no: the branch other does not pass the filter on branches");
  expect(answer([onPush], push("refs/tags/v1"))).toBeNull();
  expect(answer([onPush], push("refs/heads/main", { after: null }))).toBe("no: the branch main was deleted");
  expect(answer([onPush], push("refs/heads/main", { message: "Fix [skip ci]" }))).toMatch(/asks to skip/);
  expect(answer([{ ...onPush, paths: only("web.ts") }], push("refs/heads/main"))).toMatch(/no changed path/);
  expect(answer([onTag], push("refs/tags/v1"))).toBe("yes: tag v1");
  expect(answer([{ ...onTag, branch: "other" }], push("refs/tags/v1"))).toBe(
    "no: the commit of the tag v1 is not on other",
  );
  expect(answer([onTag, onPush], push("refs/heads/main"))).toBe("yes: push of main");
  expect(answer([onPull], pull("opened"))).toBe("yes: pull request 7, opened");
  expect(answer([onPull], pull("closed"))).toMatch(/listens to opened, and this is closed/);
  expect(answer([{ kind: "manual" }, { kind: "api" }], push("refs/heads/main"))).toBeNull();
});

test("names of refs are those that git takes, however they look, and nothing that git would take for an option", () => {
  for (const good of [
    "refs/heads/main",
    "refs/heads/a;touch${IFS}x",
    "refs/heads/$(id)",
    "refs/tags/v1",
    "refs/heads/ünï-🚀",
  ])
    expect([good, isRefName(good)]).toEqual([good, true]);
  for (const bad of [
    "main",
    "--upload-pack=touch x",
    "ext::sh -c touch% x",
    "refs/heads/",
    "refs/heads/a..b",
    "refs/heads/a b",
    "refs/heads/a\nb",
    "refs/heads/a\0",
    "refs/heads/.hidden",
    "refs/heads/a.lock",
    "refs/heads/a@{1}",
    "refs/notes/x",
    `refs/heads/${"x".repeat(2000)}`,
  ])
    expect([bad, isRefName(bad)]).toEqual([bad, false]);
});

test("inputs come out as their types or every problem is named, whatever was given", () => {
  const inputs = [
    { name: "n", type: "number", description: null, required: true, default: null, options: [] },
    { name: "c", type: "choice", description: null, required: false, default: null, options: ["a", "b"] },
    { name: "e", type: "environment", description: null, required: false, default: "staging", options: [] },
    { name: "b", type: "boolean", description: null, required: false, default: null, options: [] },
  ] as const;
  expect(readInputs(inputs, { n: "3", b: "true" }, ["staging"])).toEqual({
    ok: true,
    values: { n: 3, c: "a", e: "staging", b: true },
  });
  expect(readInputs(inputs, { c: "z", e: "mars", what: 1 }, ["staging"])).toEqual({
    ok: false,
    problems: [
      'there is no input "what"; there is n, c, e, b',
      'the input "n" is required',
      'the input "c" is not one of a, b',
      'the input "e" is not an environment: staging',
    ],
  });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), (given) => {
      const read = readInputs(inputs, given, ["staging"]);
      expect(read.ok ? typeof read.values["n"] === "number" : read.problems.length > 0).toBe(true);
    }),
  );
});
