import type { Annotation } from "@fairway/core";
import type { Places } from "./places.ts";
import { NotThatReport, jsonOf, recordOf, textOrNull } from "./report-form.ts";
import { readSolidity } from "./solidity-report.ts";

/** What a `forge --json` command found. */
export interface ForgeReading {
  readonly annotations: readonly Annotation[];
  /** Null for a build. */
  readonly tests: number | null;
}

/**
 * Reads what `forge test --json` and `forge build --json` print: an object of test contracts, or the compiler's answer.
 * When the sources do not compile, `forge test` prints the compiler's messages and no JSON.
 */
export function readForge(text: string, places: Places): ForgeReading {
  const start = /^\{/mu.exec(text)?.index ?? text.length;
  const end = Math.max(start, text.lastIndexOf("}") + 1);
  const messages = readSolidity(`${text.slice(0, start)}\n${text.slice(end)}`, places);
  if (start === end) {
    if (messages.length === 0) throw new NotThatReport(text.trim() === "" ? "it is empty" : "it is not JSON");
    return { annotations: messages, tests: null };
  }
  const report = recordOf(jsonOf(text.slice(start, end)), "the report");
  if (Array.isArray(report["errors"]))
    return { annotations: [...messages, ...builtWith(report["errors"], places)], tests: null };
  const contracts = Object.entries(report).map(([name, each]) => testsOf(name, recordOf(each, "a contract"), places));
  return {
    annotations: [...messages, ...contracts.flatMap(({ annotations }) => annotations)],
    tests: contracts.reduce((total, { tests }) => total + tests, 0),
  };
}

/** The compiler gives positions as bytes of the source, but its formatted message has line and column. */
function builtWith(errors: readonly unknown[], places: Places): readonly Annotation[] {
  return errors.flatMap((each): readonly Annotation[] => {
    const error = recordOf(each, "a message of the compiler");
    const formatted = textOrNull(error["formattedMessage"]) ?? "";
    const [read] = readSolidity(formatted, places);
    const severity = error["severity"] === "warning" ? "warning" : error["severity"] === "info" ? "notice" : "error";
    const rule = textOrNull(error["errorCode"]) ?? textOrNull(error["type"]);
    const message = textOrNull(error["message"]) ?? formatted;
    return [{ file: null, line: null, column: null, ...read, severity, rule, message }];
  });
}

function testsOf(
  name: string,
  contract: Readonly<Record<string, unknown>>,
  places: Places,
): { readonly annotations: readonly Annotation[]; readonly tests: number } {
  const results = Object.entries(recordOf(contract["test_results"], "a contract's list of tests"));
  // `test/Escrow.t.sol:EscrowTest`
  const file = places(name.replace(/:[^:]*$/u, ""));
  const annotations = results.flatMap(([test, each]): readonly Annotation[] => {
    const result = recordOf(each, "a test");
    if (result["status"] !== "Failure") return [];
    const reason = textOrNull(result["reason"]) ?? "it failed";
    return [
      { severity: "error", file, line: null, column: null, rule: test, message: `${reason}${counterexample(result)}` },
    ];
  });
  return { annotations, tests: results.length };
}

/** The input that a fuzz test failed with. */
function counterexample({ counterexample: found }: Readonly<Record<string, unknown>>): string {
  return found === null || found === undefined ? "" : `; counterexample ${JSON.stringify(found).slice(0, 1000)}`;
}
