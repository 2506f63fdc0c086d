import type { WholeCheckResult } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { bold, harmless, print, printJson } from "../../output/terminal.ts";

interface ListOptions extends GlobalOptions {
  readonly release?: string;
  readonly check?: string;
  readonly run?: string;
  readonly limit: string;
}

/** `fairway checks list`. */
export async function listChecks([environment]: readonly string[], options: ListOptions): Promise<void> {
  const client = await daemonClient(options);
  const { release, check: name, run } = options;
  const found = await client.call("checkResults", { environment, release, name, run, limit: numberOf(options.limit) });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("nothing was asked yet: fairway verify ENVIRONMENT");
  const rows = found.map((one) => [
    String(one.id),
    harmless(one.environment),
    one.release,
    harmless(one.name),
    one.occasion === "schedule" || one.occasion === "bake"
      ? `${one.occasion} (${harmless(one.location)})`
      : one.occasion,
    one.status,
    `${(one.took / 1000).toFixed(1)} s`,
    one.startedAt.replace("T", " ").slice(0, 19),
    one.status === "passed" && one.flaky.length > 0
      ? `flaky: ${harmless(one.flaky.join(", "))}`
      : firstLine(one.summary),
  ]);
  for (const line of table(["", "environment", "release", "check", "asked", "status", "took", "at", ""], rows))
    print(line);
}

/** `fairway checks show`. */
export async function showCheck([result = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("checkResult", { result: numberOf(result) });
  if (options.json) return printJson(found);
  for (const line of resultLines(found)) print(line);
}

/** A result for people: what failed with what was asked and answered, the rest in a line each. */
export function resultLines(found: WholeCheckResult): readonly string[] {
  const { environment, release, name, kind, status, summary, tests, figures, files, flaky } = found;
  return [
    bold(`${harmless(name)} (${kind}) of ${release} in ${harmless(environment)}: ${status}`),
    ...harmless(summary).split("\n"),
    ...tests.flatMap((test) => [
      `${test.state === "passed" ? "✓" : test.state === "failed" ? "✗" : "–"} ${harmless(test.name)}  ${test.took} ms`,
      ...[
        test.message,
        test.requestId === null || test.state === "passed" ? null : `request ${test.requestId}`,
        test.exchange,
      ]
        .filter((part) => part !== null)
        .flatMap((part) => part.split("\n").map((line) => `    ${harmless(line)}`)),
    ]),
    ...Object.entries(figures).map(([figure, value]) => `${harmless(figure)}: ${value}`),
    ...flaky.map((test) => `flaky: ${harmless(test)}`),
    ...files.map((file) => `file: ${harmless(file.name)}`),
  ];
}

/** `fairway checks flaky`. */
export async function listFlaky(
  [environment]: readonly string[],
  options: GlobalOptions & { readonly limit: string },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("checkResults", { environment, flaky: "true", limit: numberOf(options.limit) });
  const rows = found.flatMap((one) =>
    one.flaky.map((test) => ({
      environment: one.environment,
      check: one.name,
      test,
      release: one.release,
      at: one.startedAt,
      result: one.id,
    })),
  );
  if (options.json) return printJson(rows);
  if (rows.length === 0) return print("no test has failed and passed with the same release");
  const cells = rows.map(({ environment: where, check, test, release, at, result }) => [
    harmless(where),
    harmless(check),
    harmless(test),
    release,
    at.replace("T", " ").slice(0, 19),
    `fairway checks show ${result}`,
  ]);
  for (const line of table(["environment", "check", "test", "release", "at", ""], cells)) print(line);
}

/** `fairway checks revoked`. */
export async function listRevoked(_words: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("verifications", {});
  if (options.json) return printJson(found);
  if (found.length === 0) return print("every release that was verified still is");
  const rows = found.map(({ environment, release, run, why }) => [harmless(environment), release, run, firstLine(why)]);
  for (const line of table(["environment", "release", "found by", "why"], rows)) print(line);
}

const firstLine = (text: string): string => harmless(text.split("\n")[0] ?? "");

function numberOf(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new FairwayError("bad_request", `"${text}" is no number`, { hint: "numbers of results: fairway checks list" });
}
