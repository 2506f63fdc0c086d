import { basename } from "node:path";
import type { Argv, ReportTool } from "@fairway/core";

/** Runs the words after the file and keeps what they print, which is shown when they have ended. */
const keepOutput = `report=$1; shift; "$@" >"$report"; code=$?; cat "$report"; exit "$code"`;
const keepAllOutput = `report=$1; shift; "$@" >"$report" 2>&1; code=$?; cat "$report"; exit "$code"`;

const captured = (script: string, file: string, argv: Argv): Argv => [
  "/bin/sh",
  "-c",
  script,
  "fairway-check",
  file,
  ...argv,
];

/**
 * The command with what makes its tool write its report to a file. Tools that only print it have their output kept; the
 * script is ours and the words are passed as they are.
 */
export function askForReport(tool: ReportTool, argv: Argv, file: string): Argv {
  switch (tool) {
    case "eslint":
      return withWords(argv, ["--format", "json", "--output-file", file]);
    case "ruff":
      return withWords(argv, ["--output-format", "json", "--output-file", file]);
    case "pytest":
      // xunit1 is the family that says where a test is.
      return withWords(argv, [`--junit-xml=${file}`, "-o", "junit_family=xunit1"]);
    case "vitest":
      return withWords(argv, ["--reporter=default", "--reporter=junit", `--outputFile.junit=${file}`]);
    case "node-test":
      return withNodeReporters(argv, file);
    case "tsc":
      return captured(keepOutput, file, withWords(argv, ["--pretty", "false"]));
    case "tap":
      return captured(keepOutput, file, argv);
    case "fairway-check":
      return withWords(argv, ["--report", file]);
    case "hardhat":
      return captured(keepAllOutput, file, argv);
    case "forge":
      return captured(keepAllOutput, file, withWords(argv, ["--json"]));
  }
}

/** npm takes options for its own unless two dashes come before them; other runners pass them on. */
function withWords(argv: Argv, words: readonly string[]): Argv {
  const dashes = basename(argv[0]) === "npm" && !argv.includes("--") ? ["--"] : [];
  return [...argv, ...dashes, ...words];
}

/** Node's own options end where the files begin, so they follow `--test`. */
function withNodeReporters([program, ...words]: Argv, file: string): Argv {
  const at = words.indexOf("--test") + 1;
  const reporters = [
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    "--test-reporter=junit",
    `--test-reporter-destination=${file}`,
  ];
  return [program, ...words.slice(0, at), ...reporters, ...words.slice(at)];
}
