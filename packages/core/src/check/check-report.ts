/** Tools that Fairway knows how to ask for a report, and whose exit codes it knows. */
export const reportTools = [
  "eslint",
  "ruff",
  "tsc",
  "pytest",
  "node-test",
  "vitest",
  "hardhat",
  "forge",
  "tap",
] as const;

/** A tool that Fairway asks for its report itself. */
export type ReportTool = (typeof reportTools)[number] | LiveTool;

/** Fairway's own program, which people do not name: it comes with a check of what runs. */
export type LiveTool = "fairway-check";

/** Forms of reports that a check's own command writes to a file. */
export const reportFormats = ["junit", "tap", "sarif", "eslint", "ruff"] as const;

/** The form of a report. */
export type ReportFormat = (typeof reportFormats)[number];

/** Where a check's findings come from: a tool that is asked for them, or a file that the command writes. */
export type CheckReport =
  | { readonly tool: ReportTool }
  /** The file is relative to where the command runs. */
  | { readonly format: ReportFormat; readonly file: string };
