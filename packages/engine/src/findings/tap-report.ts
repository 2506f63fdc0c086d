import type { Annotation } from "@fairway/core";
import type { Places } from "./places.ts";
import { NotThatReport } from "./report-form.ts";

/** `not ok 2 - the total is right # TODO later` */
const point = /^(not )?ok\b(?:\s+\d+)?(?:\s+-)?\s*(.*?)(?:\s+#\s*(skip|todo)\b.*)?$/iu;
const plan = /^1\.\.(\d+)/u;
const mostFailures = 1_000;

/**
 * Reads the Test Anything Protocol, of versions 12 to 14: https://testanything.org/tap-version-14-specification.html. Only the
 * outermost tests count; what is indented belongs to one of them. A plan that was not kept to is a failure, and so is a bail
 * out.
 */
export function readTap(
  text: string,
  places: Places,
): { readonly annotations: readonly Annotation[]; readonly tests: number } {
  const annotations: Annotation[] = [];
  let tests = 0;
  let planned: number | null = null;
  let last: { message: string; block: string[] } | null = null;
  const close = (): void => {
    if (last !== null && annotations.length < mostFailures) annotations.push(failure(last, places));
    last = null;
  };
  for (const line of text.split("\n")) {
    const test = point.exec(line);
    if (/^Bail out!/iu.test(line)) {
      close();
      annotations.push(plain(line.trim()));
    } else if (plan.test(line)) {
      planned = Number(plan.exec(line)?.[1]);
    } else if (test !== null) {
      close();
      tests += 1;
      const [, not, name = "", directive] = test;
      if (not !== undefined && directive === undefined) last = { message: name || `test ${tests}`, block: [] };
    } else if (last !== null && /^(?:\s|#)/u.test(line) && last.block.length < 100) last.block.push(line.trimEnd());
  }
  close();
  if (tests === 0 && planned === null && annotations.length === 0)
    throw new NotThatReport(text.trim() === "" ? "it is empty" : "it is not TAP: it has neither tests nor a plan");
  if (planned !== null && planned !== tests)
    annotations.push(plain(`${planned} tests were planned and ${tests} were run`));
  return { annotations, tests };
}

const plain = (message: string): Annotation => ({
  severity: "error",
  file: null,
  line: null,
  column: null,
  rule: null,
  message,
});

/** Producers say where it was in the block below: `at: "src/a.test.js:3:5"`, `file: …` and `line: …`. */
function failure(
  { message, block }: { readonly message: string; readonly block: readonly string[] },
  places: Places,
): Annotation {
  const body = block.join("\n");
  const [, named, line, column] = /(?:at|location):\s*['"]?([^\s'":]+):(\d{1,9})(?::(\d{1,9}))?/u.exec(body) ?? [];
  const file = named === undefined ? null : places(named);
  return {
    ...plain([message, ...block.filter((each) => !/^\s*(?:---|\.\.\.)$/u.test(each))].join("\n")),
    file,
    line: file === null ? null : Number(line),
    column: file === null || column === undefined ? null : Number(column),
  };
}
