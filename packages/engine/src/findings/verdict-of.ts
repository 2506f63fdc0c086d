import { judgeCheck, type CheckReport, type Judgement } from "@fairway/core";
import { Masker } from "../commands/masker.ts";
import { secretForms } from "../commands/secret-forms.ts";
import { placesIn } from "./places.ts";
import { readReport, reportBytes } from "./read-report.ts";

/** A check whose command has ended by itself. */
export interface EndedCheck {
  readonly report: CheckReport;
  readonly code: number;
  /** The report's file, absolute. */
  readonly file: string;
  /** The folder that the report must lie in. */
  readonly within: string;
  /** The checkout: files are told relative to it. */
  readonly workspace: string;
  /** Where the command ran. */
  readonly directory: string;
  /** Values that must not be readable in what was found. */
  readonly secrets: readonly string[];
}

/** Reads what a check found, and judges it together with how its command ended. */
export async function verdictOf(ended: EndedCheck): Promise<Judgement> {
  const { report, code, file, within, workspace, directory, secrets } = ended;
  const found = await reportBytes(file, within);
  if ("why" in found) return judgeCheck(report, code, { read: false, why: found.why });
  const masker = new Masker(secretForms(secrets));
  const bytes = secrets.length === 0 ? found.bytes : Buffer.concat([masker.push(found.bytes), masker.end()]);
  return judgeCheck(report, code, readReport(report, bytes, placesIn(workspace, directory)));
}
