import type { Construct, Fault, WorkflowReport } from "./report.ts";
import { faultRules } from "./report.ts";
import type { Problem, SourcePlace } from "../model/place.ts";

/** As much of SARIF 2.1.0 as is written here (https://docs.oasis-open.org/sarif/sarif/v2.1.0). */
export interface SarifLog {
  readonly version: "2.1.0";
  readonly $schema: string;
  readonly runs: readonly SarifRun[];
}

interface SarifRun {
  readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly SarifRule[] } };
  readonly results: readonly SarifResult[];
}

interface SarifRule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
}

interface SarifResult {
  readonly ruleId: string;
  readonly kind: "fail" | "informational";
  readonly level: "error" | "warning" | "none";
  readonly message: { readonly text: string };
  readonly locations: readonly unknown[];
  readonly properties?: Readonly<Record<string, string>>;
}

const rules: readonly SarifRule[] = [
  { id: "invalid", shortDescription: { text: "The file is not a workflow that can run." } },
  { id: "rejected", shortDescription: { text: "Fairway does not run this construct." } },
  { id: "no-effect", shortDescription: { text: "Fairway reads this construct, and nothing follows from it." } },
  { id: "emulated", shortDescription: { text: "Fairway does this in its own way." } },
  { id: "enforced", shortDescription: { text: "Fairway does this as GitHub does." } },
  ...Object.entries(faultRules).map(([id, text]) => ({ id, shortDescription: { text } })),
];

/** Reports as one SARIF log, for code hosts and editors. Every construct is a result, so that none is silent there either. */
export function sarifOf(reports: readonly WorkflowReport[]): SarifLog {
  const results = reports.flatMap(({ file, problems, constructs, faults }) => [
    ...problems.map((problem) => ofProblem(problem)),
    ...faults.map((fault) => ofFault(file, fault)),
    ...constructs.map((construct) => ofConstruct(file, construct)),
  ]);
  return {
    version: "2.1.0",
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    runs: [{ tool: { driver: { name: "fairway", rules } }, results }],
  };
}

function ofProblem({ file, message, place, hint }: Problem): SarifResult {
  const text = hint === undefined ? message : `${message}. ${hint}`;
  return { ruleId: "invalid", kind: "fail", level: "error", message: { text }, locations: [locationOf(file, place)] };
}

function ofFault(file: string, { rule, message, hint, place, patch }: Fault): SarifResult {
  return {
    ruleId: rule,
    kind: "fail",
    level: "warning",
    message: { text: `${message}. ${hint}` },
    locations: [locationOf(file, place)],
    ...(patch === undefined ? {} : { properties: { patch } }),
  };
}

function ofConstruct(file: string, { path, mark, reason, place }: Construct): SarifResult {
  const rejected = mark === "rejected";
  return {
    ruleId: mark,
    kind: rejected ? "fail" : "informational",
    level: rejected ? "error" : "none",
    message: { text: `${path}: ${reason}` },
    locations: [locationOf(file, place)],
  };
}

function locationOf(file: string, { line, column }: SourcePlace): unknown {
  // A URI, not a path: blanks and the like are encoded.
  const uri = file.split("/").map(encodeURIComponent).join("/");
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column } } };
}
