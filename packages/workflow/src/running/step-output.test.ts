import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnnotationCounter } from "./annotation-counter.ts";
import type { FilteredOutput } from "./job-host.ts";
import { noEffects, type StepEffects } from "./step-effects.ts";
import { StepOutput, type OutputSurroundings } from "./step-output.ts";

let workspace: string;

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), "fairway-output-"));
  mkdirSync(join(workspace, "src"));
  writeFileSync(join(workspace, "src/a.ts"), "");
});

afterAll(() => rmSync(workspace, { recursive: true, force: true }));

interface Seen extends FilteredOutput {
  readonly effects: StepEffects;
}

function see(lines: readonly string[], around: Partial<OutputSurroundings> = {}): Seen {
  const effects = noEffects();
  const surroundings = { step: "1", workspace, env: {}, debug: false, matchers: [], ...around };
  const output = new StepOutput(surroundings, effects, new AnnotationCounter("1"));
  return { ...output.take(lines), effects };
}

describe("commands in the output of a step", () => {
  it("are taken out, and the rest stays as it is", () => {
    expect(see(["before", "::group::Build", "x", "::endgroup::", "after"]).lines).toEqual([
      "before",
      "##[group]Build",
      "x",
      "##[endgroup]",
      "after",
    ]);
  });

  it("set outputs and state, with a word about newer ways", () => {
    const { effects, lines } = see(["::set-output name=a::1", "::save-state name=b::2"]);
    expect(effects).toMatchObject({ outputs: { a: "1" }, state: { b: "2" }, failed: false });
    expect(lines).toEqual([
      expect.stringContaining("##[warning]The `set-output` command is deprecated"),
      expect.stringContaining("##[warning]The `save-state` command is deprecated"),
    ]);
  });

  it("are case-insensitive", () => {
    expect(see(["::Set-Output name=a::1"]).effects.outputs).toEqual({ a: "1" });
  });

  it("fail the step when they lack a name", () => {
    const { effects, lines } = see(["::set-output::1"]);
    expect(effects.failed).toBe(true);
    expect(lines).toEqual([
      "##[error]Unable to process command '::set-output::1' successfully.",
      "##[error]Required field 'name' is missing in ##[set-output] command.",
    ]);
  });

  it.each(["::set-env name=A::1", "::add-path::/x"])("%s is disabled and fails the step", (line) => {
    const { effects, annotations } = see([line]);
    expect(effects).toMatchObject({ env: {}, paths: [], failed: true });
    expect(annotations[1]?.message).toContain("command is disabled. Please upgrade to using Environment Files");
  });

  it("set variables and PATH when the workflow allows the unsafe way", () => {
    const env = { ACTIONS_ALLOW_UNSECURE_COMMANDS: "true" };
    expect(see(["::set-env name=A::1", "::add-path::/x"], { env }).effects).toMatchObject({
      env: { A: "1" },
      paths: ["/x"],
      failed: false,
    });
  });

  it("may not set NODE_OPTIONS even then, which is said but fails nothing", () => {
    const env = { ACTIONS_ALLOW_UNSECURE_COMMANDS: "TRUE" };
    const { effects, lines } = see(["::set-env name=node_options::-r x"], { env });
    expect(effects).toMatchObject({ env: {}, failed: false });
    expect(lines).toEqual(["##[error]Can't update node_options environment variable using ::set-env:: command."]);
  });

  it("show debug lines only when they are asked for", () => {
    expect(see(["::debug::x"]).lines).toEqual([]);
    expect(see(["::debug::x"], { debug: true }).lines).toEqual(["##[debug]x"]);
  });

  it("are echoed between echo on and echo off, except those that would say too much", () => {
    expect(
      see(["::echo::on", "::add-mask::abc", "::error::e", "::group::g", "::echo::off", "::group::h"]).lines,
    ).toEqual(["::add-mask::***", "##[error]e", "::group::g", "##[group]g", "::echo::off", "##[group]h"]);
  });

  it("fail the step when echo is neither on nor off", () => {
    expect(see(["::echo::maybe"]).effects.failed).toBe(true);
  });

  it("mask a value, and each line of it, at once", () => {
    const { masks, effects, lines } = see(["::add-mask::one%0Atwo"]);
    expect(masks).toEqual(["one\ntwo", "one", "two"]);
    expect(effects.masks).toEqual(masks);
    expect(lines).toEqual([]);
  });

  it("warn of a mask of nothing, which would blacken everything", () => {
    expect(see(["::add-mask:: "])).toMatchObject({
      masks: [],
      lines: ["##[warning]Can't add secret mask for empty string in ##[add-mask] command."],
    });
  });
});

describe("stopped commands", () => {
  it("are output until the token comes", () => {
    const { lines, effects } = see([
      "::stop-commands::pause123",
      "::set-output name=a::1",
      "::pause123::",
      "::set-output name=b::2",
    ]);
    expect(lines.slice(0, 3)).toEqual(["::stop-commands::pause123", "::set-output name=a::1", "::pause123::"]);
    expect(effects.outputs).toEqual({ b: "2" });
  });

  it("mask a token that is long enough to be a secret", () => {
    expect(see(["::stop-commands::token-123"]).masks).toEqual(["token-123"]);
    expect(see(["::stop-commands::t1"]).masks).toEqual([]);
  });

  it.each(["", "pause-logging", "error", "SET-OUTPUT"])("refuse the token %j", (token) => {
    const { effects, lines } = see([`::stop-commands::${token}`, "::group::g"]);
    expect(effects.failed).toBe(true);
    expect(lines.at(-1)).toBe("##[group]g");
  });

  it("take such a token when the workflow allows it", () => {
    const env = { ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS: "true" };
    expect(see(["::stop-commands::error", "::group::g"], { env }).lines).toEqual([
      "::stop-commands::error",
      "::group::g",
    ]);
  });
});

describe("annotations", () => {
  const shown = (line: string): unknown => see([line]).annotations[0];

  it("say where, and are numbered so that the same is the same after a crash", () => {
    expect(shown("::warning file=src/a.ts,line=3,endLine=3,col=5,endColumn=9,title=Unused::x is unused")).toEqual({
      id: "1#1",
      step: "1",
      level: "warning",
      message: "x is unused",
      title: "Unused",
      file: "src/a.ts",
      line: 3,
      endLine: 3,
      column: 5,
      endColumn: 9,
    });
  });

  it("name files relative to the workspace", () => {
    expect(shown(`::notice file=${workspace}/src/a.ts::m`)).toMatchObject({ file: "src/a.ts" });
    expect(shown("::notice file=/etc/hosts::m")).toMatchObject({ file: "/etc/hosts" });
  });

  it.each([
    ["an end line alone is the line", "endLine=4", { line: 4, endLine: 4 }],
    ["an end column alone is the column", "line=1,endColumn=4", { line: 1, column: 4, endColumn: 4 }],
    ["columns without a line are dropped", "col=3", {}],
    ["columns over several lines are dropped", "line=1,endLine=2,col=3", { line: 1, endLine: 2 }],
    ["an end before the line drops both", "line=3,endLine=2", {}],
    ["an end before the column drops both", "line=3,col=5,endColumn=2", { line: 3 }],
    ["a line that is no number is none", "line=x", {}],
  ])("%s", (_, properties, place) => {
    expect(shown(`::error ${properties}::m`)).toEqual({ id: "1#1", step: "1", level: "error", message: "m", ...place });
  });

  it("are cut at 4096 characters", () => {
    expect(see([`::error::${"x".repeat(5000)}`]).annotations[0]?.message).toHaveLength(4096);
  });

  it("stop at fifty of a kind, while the log has them all", () => {
    const { annotations, lines } = see(Array.from({ length: 60 }, () => "::error::e"));
    expect(annotations).toHaveLength(50);
    expect(lines).toHaveLength(60);
  });

  it("of several lines are marked on each line of the log", () => {
    expect(see(["::error::a%0Ab"]).lines).toEqual(["##[error]a", "##[error]b"]);
  });
});

describe("problem matchers in the output of a step", () => {
  const eslint = {
    owner: "lint",
    severity: "",
    fromPath: "",
    pattern: [{ regexp: "^(\\S+):(\\d+):(\\d+) (\\w+) (.*)$", file: 1, line: 2, column: 3, severity: 4, message: 5 }],
  };

  it("turn a line into an annotation, and show the line as what it is", () => {
    const seen = see(["src/a.ts:3:5 warning x is unused"], { matchers: [eslint] });
    expect(seen.lines).toEqual(["##[warning]src/a.ts:3:5 warning x is unused"]);
    expect(seen.annotations).toMatchObject([
      { level: "warning", file: "src/a.ts", line: 3, column: 5, message: "x is unused" },
    ]);
    expect(seen.wants).toBe("all");
  });

  it("see through colours", () => {
    const seen = see(["\u001B[31msrc/a.ts:3:5 error bad\u001B[0m"], { matchers: [eslint] });
    expect(seen.annotations).toMatchObject([{ level: "error", file: "src/a.ts", message: "bad" }]);
  });

  it("drop a file that is not there, or not below the workspace", () => {
    const matchers = [eslint];
    expect(see(["src/b.ts:3:5 error bad"], { matchers }).annotations[0]).not.toHaveProperty("file");
    expect(see(["/etc/hosts:3:5 error bad"], { matchers }).annotations[0]).not.toHaveProperty("file");
  });

  it("let a line pass whose severity is unknown or whose message is empty", () => {
    expect(see(["src/a.ts:3:5 oops bad"], { matchers: [eslint] })).toMatchObject({
      annotations: [],
      lines: ["src/a.ts:3:5 oops bad"],
    });
  });

  it("are added and removed by commands, for the lines after them and the steps to come", () => {
    writeFileSync(
      join(workspace, "matcher.json"),
      JSON.stringify({ problemMatcher: [{ ...eslint, severity: "warning" }] }),
    );
    const line = "src/a.ts:1:1 error bad";
    const seen = see([line, "::add-matcher::matcher.json", line, "::remove-matcher owner=LINT::", line]);
    expect(seen.lines).toEqual([line, `##[error]${line}`, line]);
    expect(seen.effects.matchers).toMatchObject([{ add: [{ owner: "lint" }] }, { remove: ["LINT"] }]);
    expect(seen.wants).toBe("marked");
  });

  it("are removed by the file that brought them", () => {
    writeFileSync(join(workspace, "again.json"), JSON.stringify({ problemMatcher: [eslint] }));
    const seen = see(["::add-matcher::again.json", "::remove-matcher::again.json", "src/a.ts:1:1 error bad"]);
    expect(seen.annotations).toEqual([]);
  });

  it.each([
    ["::add-matcher::", "File path must be specified."],
    ["::remove-matcher::", "Either an owner name or a file path must be specified in ##[remove-matcher] command."],
    [
      "::remove-matcher owner=a::b",
      "Either specify an owner name or a file path in ##[remove-matcher] command. Both values cannot be set.",
    ],
  ])("%s is warned of", (line, message) => {
    expect(see([line]).annotations).toMatchObject([{ level: "warning", message }]);
  });

  it("fail the step when their file is not there", () => {
    expect(see(["::add-matcher::nowhere.json"]).effects.failed).toBe(true);
  });

  it("are removed when a pattern runs wild, and the others go on", () => {
    const wild = { owner: "wild", severity: "", fromPath: "", pattern: [{ regexp: "^(a+)+$", message: 1 }] };
    const seen = see([`${"a".repeat(60)}b`, "src/a.ts:3:5 error bad"], { matchers: [wild, eslint], matcherLimit: 300 });
    expect(seen.annotations[0]?.message).toContain("Removing issue matcher 'wild'. Matcher failed 3 times.");
    expect(seen.annotations[1]).toMatchObject({ message: "bad" });
  });

  it("ask the newest first", () => {
    const other = { ...eslint, owner: "newer", severity: "", pattern: [{ regexp: "^(.*)$", message: 1 }] };
    writeFileSync(join(workspace, "newer.json"), JSON.stringify({ problemMatcher: [other] }));
    const seen = see(["::add-matcher::newer.json", "src/a.ts:3:5 warning x"], { matchers: [eslint] });
    expect(seen.annotations).toMatchObject([{ level: "error", message: "src/a.ts:3:5 warning x" }]);
  });
});
