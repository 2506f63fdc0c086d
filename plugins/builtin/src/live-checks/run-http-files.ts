import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckTest, LiveReport } from "@fairway/core";
import { FairwayError, reportOfTests } from "@fairway/core";
import { SaxesParser } from "saxes";
import type { LiveAsk, LiveSettings } from "./live-ask.ts";
import { ourHeaders } from "./live-ask.ts";

/** Has files of requests run by the program that knows them. Throws `not_found` where that is not installed. */
export async function runHttpFiles({ words, settings }: LiveAsk): Promise<LiveReport> {
  const folder = mkdtempSync(join(tmpdir(), "fairway-http-"));
  try {
    const hurl = words.filter((file) => file.endsWith(".hurl"));
    const others = words.filter((file) => !file.endsWith(".hurl"));
    const tests = [
      ...(hurl.length === 0
        ? []
        : ran("hurl", hurlWords(hurl, folder, settings), hurlVariables(settings), join(folder, "hurl.xml"))),
      ...(others.length === 0 ? [] : ran("httpyac", [...others, "--all", "--junit"], {}, null)),
    ];
    return reportOfTests(words.join(", "), tests);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const hurlWords = (files: readonly string[], folder: string, settings: LiveSettings): readonly string[] => [
  "--test",
  "--report-junit",
  join(folder, "hurl.xml"),
  "--max-redirs",
  "10",
  "--max-filesize",
  String(64 * 1024 * 1024),
  ...Object.entries(ourHeaders(settings, "")).flatMap(([name, value]) =>
    value === "" ? [] : ["--header", `${name}: ${value}`],
  ),
  ...files,
];

/** Hurl takes variables of its environment by this prefix, so that no value is in its arguments: https://hurl.dev/docs/templates.html */
const hurlVariables = ({ variables }: LiveSettings): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => [
      [`HURL_${name}`, value],
      [`HURL_VARIABLE_${name}`, value],
    ]),
  );

function ran(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  report: string | null,
): readonly CheckTest[] {
  const done = spawnSync(program, words, {
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.error !== undefined)
    throw new FairwayError("not_found", `${program} is not installed here, which runs such files`, {
      hint: program === "hurl" ? "https://hurl.dev/docs/installation.html" : "npm install -g httpyac",
    });
  const text =
    report === null
      ? done.stdout
      : done.status === 0 || done.status === 4 || done.status === 3
        ? readFileSync(report, "utf8")
        : null;
  if (text === null || !text.includes("<testsuite"))
    throw new FairwayError("bad_request", `${program} cannot run it: ${(done.stderr || done.stdout).slice(0, 2_000)}`);
  return testsIn(text.slice(text.indexOf("<")));
}

/** The tests of a JUnit report. */
export function testsIn(xml: string): readonly CheckTest[] {
  const tests: { name: string; took: number; message: string | null; skipped: boolean }[] = [];
  const parser = new SaxesParser();
  let inFailure = false;
  parser.on("opentag", ({ name, attributes }) => {
    const last = tests.at(-1);
    if (name === "testcase")
      tests.push({
        name:
          [attributes["classname"], attributes["name"]]
            .filter((part) => part !== undefined && part !== "")
            .join(" › ") || "a test",
        took: Math.round(Number(attributes["time"] ?? 0) * 1000) || 0,
        message: null,
        skipped: false,
      });
    if (last !== undefined && name === "skipped") last.skipped = true;
    inFailure = name === "failure" || name === "error";
    if (last !== undefined && inFailure) last.message = attributes["message"] ?? "";
  });
  const hear = (text: string): void => {
    const last = tests.at(-1);
    if (inFailure && last?.message !== null && last !== undefined && text.trim() !== "")
      last.message += `\n${text.trim()}`;
  };
  parser.on("text", hear);
  parser.on("cdata", hear);
  parser.on("closetag", () => (inFailure = false));
  parser.write(xml).close();
  return tests.map(({ name, took, message, skipped }) => ({
    name,
    state: skipped ? "skipped" : message === null ? "passed" : "failed",
    took,
    message: message === null ? null : message.trim() || "failed",
    requestId: null,
    exchange: null,
  }));
}
