import type { CheckTest } from "./live-check.ts";

/** A check and what it found, for a report that other tools read. */
export interface JunitSuite {
  readonly name: string;
  readonly tests: readonly CheckTest[];
}

/** The results as JUnit XML, with the request id and the exchange in what failed. */
export function junitOf(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ tests }) => tests);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${countsOf(all)}>`,
    ...suites.flatMap(({ name, tests }) => [
      `  <testsuite name="${escaped(name)}" ${countsOf(tests)}>`,
      ...tests.flatMap((test) => caseOf(name, test)),
      "  </testsuite>",
    ]),
    "</testsuites>",
    "",
  ].join("\n");
}

function countsOf(tests: readonly CheckTest[]): string {
  const of = (state: CheckTest["state"]): number => tests.filter((test) => test.state === state).length;
  return `tests="${tests.length}" failures="${of("failed")}" skipped="${of("skipped")}" time="${secondsOf(tests.reduce((total, { took }) => total + took, 0))}"`;
}

function caseOf(suite: string, { name, state, took, message, requestId, exchange }: CheckTest): readonly string[] {
  const open = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${secondsOf(took)}"`;
  if (state === "passed") return [`${open}/>`];
  if (state === "skipped") return [`${open}><skipped/></testcase>`];
  const body = [requestId === null ? null : `request ${requestId}`, message, exchange].filter((part) => part !== null);
  const [first = "failed"] = (message ?? "failed").split("\n");
  return [
    `${open}>`,
    `      <failure message="${escaped(first)}">${escaped(body.join("\n"))}</failure>`,
    "    </testcase>",
  ];
}

const secondsOf = (millis: number): string => (millis / 1000).toFixed(3);

/** What XML 1.0 has no way to write is left out: https://www.w3.org/TR/xml/#charsets */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu;
const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(unwritable, "")
    .replaceAll(/[&<>"]/gu, (character) => entities[character] ?? "");
