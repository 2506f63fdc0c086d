import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckTest, LiveReport } from "@fairway/core";
import { FairwayError, reportOfTests } from "@fairway/core";
import { SaxesParser } from "saxes";
import { guardingProxy } from "./guarding-proxy.ts";
import type { LiveAsk, LiveSettings } from "./live-ask.ts";
import { ourHeaders } from "./live-ask.ts";
import { longestAnswer } from "./live-connections.ts";

/**
 * Has files of requests run by the program that knows them, which reaches nothing past the guard of addresses. Throws
 * `not_found` where that is not installed.
 */
export async function runHttpFiles({ words, settings }: LiveAsk, cwd: string = process.cwd()): Promise<LiveReport> {
  const folder = mkdtempSync(join(tmpdir(), "fairway-http-"));
  const proxy = await guardingProxy();
  const requestId = randomUUID();
  const asked: Asked = { settings, cwd, folder, proxy: proxy.url, headers: headersOf(settings, requestId) };
  try {
    const hurl = words.filter((file) => file.endsWith(".hurl"));
    const others = words.filter((file) => !file.endsWith(".hurl"));
    const tests = [
      ...(hurl.length === 0 ? [] : await byHurl(hurl, asked)),
      ...(others.length === 0 ? [] : await byHttpyac(others, asked)),
    ];
    return reportOfTests(
      words.join(", "),
      tests.map((test) => ({ ...test, requestId })),
    );
  } finally {
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Asked {
  readonly settings: LiveSettings;
  /** The files are relative to it. */
  readonly cwd: string;
  /** For what the programs read and write. */
  readonly folder: string;
  readonly proxy: string;
  readonly headers: Readonly<Record<string, string>>;
}

const headersOf = (settings: LiveSettings, requestId: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(ourHeaders(settings, requestId)).filter(([, value]) => value !== ""));

async function byHurl(
  files: readonly string[],
  { settings, cwd, folder, proxy, headers }: Asked,
): Promise<readonly CheckTest[]> {
  const report = join(folder, "hurl.xml");
  const words = [
    ...["--test", "--no-color", "--report-junit", report],
    ...["--proxy", proxy, "--max-redirs", "10", "--max-filesize", String(longestAnswer)],
    ...Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]),
    ...files,
  ];
  const done = await ran("hurl", words, cwd, { ...hurlVariables(settings), no_proxy: "", NO_PROXY: "" });
  // 3: a request could not be made; 4: an assertion failed: https://hurl.dev/docs/manual.html#exit-codes
  return testsOf("hurl", done, [0, 3, 4].includes(done.code) ? readFileSync(report, "utf8") : "");
}

/**
 * Hurl takes variables of its environment by this prefix, so that no value is in its arguments:
 * https://hurl.dev/docs/templates.html
 */
const hurlVariables = ({ variables }: LiveSettings): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => [
      [`HURL_${name}`, value],
      [`HURL_VARIABLE_${name}`, value],
    ]),
  );

/**
 * httpyac takes a module of hooks from its environment: https://httpyac.github.io/plugins/. It gives variables by their names,
 * since the values of some are secret, and sends each request through the guard of addresses.
 */
const hooksOfHttpyac = `"use strict";
const { names, headers, proxy } = JSON.parse(process.env.FAIRWAY_HTTPYAC);
const variables = Object.fromEntries(names.map((name) => [name, process.env[name]]));
exports.configureHooks = ({ hooks }) => {
  hooks.provideVariables.addHook("fairway", () => variables);
  hooks.onRequest.addHook("fairway", (request) => {
    const own = Object.keys(request.headers ?? {}).map((name) => name.toLowerCase());
    const ours = Object.entries(headers).filter(([name]) => !own.includes(name));
    request.headers = { ...Object.fromEntries(ours), ...request.headers };
    request.proxy = proxy;
  });
};
`;

async function byHttpyac(
  files: readonly string[],
  { settings, cwd, folder, proxy, headers }: Asked,
): Promise<readonly CheckTest[]> {
  const hooks = join(folder, "hooks.cjs");
  writeFileSync(hooks, hooksOfHttpyac, { mode: 0o600 });
  const done = await ran("httpyac", [...files, "--all", "--junit"], cwd, {
    HTTPYAC_PLUGIN: hooks,
    FAIRWAY_HTTPYAC: JSON.stringify({ names: Object.keys(settings.variables), headers, proxy }),
  });
  return testsOf("httpyac", done, done.out);
}

interface Done {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Throws `not_found`. */
function ran(
  program: string,
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Done> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: longestAnswer };
    const child = execFile(program, words, options, (error, out, err) => {
      if (error?.code === "ENOENT")
        reject(
          new FairwayError("not_found", `${program} is not installed here, which runs such files`, {
            hint: program === "hurl" ? "https://hurl.dev/docs/installation.html" : "npm install -g httpyac",
          }),
        );
      // A program that a signal ended has no exit code.
      else resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
    child.stdin?.end();
  });
}

/** Throws `bad_request` with what the program says where it tells of no tests. */
function testsOf(program: string, { code, out, err }: Done, xml: string): readonly CheckTest[] {
  const begin = xml.search(/<\?xml|<testsuite/u);
  if (begin >= 0 && xml.includes("<testsuite")) {
    const tests = testsIn(xml.slice(begin));
    // A request without an assertion is no test of it, also where it could not be made.
    const isUntold = code !== 0 && tests.every(({ state }) => state !== "failed");
    return isUntold
      ? [...tests, { ...untold(program), message: `it ended with ${code}: ${err.slice(0, 2_000)}` }]
      : tests;
  }
  throw new FairwayError("bad_request", `${program} cannot run it: ${(err || out).slice(0, 2_000)}`);
}

const untold = (name: string): Omit<CheckTest, "message"> => ({
  ...{ name, state: "failed", took: 0, requestId: null, exchange: null },
});

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
