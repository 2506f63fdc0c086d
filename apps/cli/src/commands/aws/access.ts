import type { AccessReportShape } from "@fairway/api";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

interface AccessOptions extends GlobalOptions {
  readonly used?: boolean;
}

/** `fairway aws access`: who can do what in the account of an environment, as rows for a review of access. */
export async function access([environment = ""]: readonly string[], options: AccessOptions): Promise<void> {
  const client = await daemonClient(options);
  const report = await client.call("accessReport", { environment, used: options.used === true ? "true" : "false" });
  if (options.json) printJson(report);
  else for (const line of accessRows(report)) print(harmless(line));
}

/** As CSV, one principal a line. No cell of it is a formula to a spreadsheet. Pure. */
export const accessRows = ({ system, principals }: AccessReportShape): readonly string[] =>
  [
    ["system", "principal", "kind", "access", "last_used", "used", "concerns"],
    ...principals.map(({ principal, kind, access: may, lastUsed, used, concerns }) => [
      ...[system, principal, kind, may.join("; ")],
      ...[lastUsed ?? "", (used ?? []).join("; "), concerns.join("; ")],
    ]),
  ].map((row) => row.map(cellOf).join(","));

const cellOf = (text: string): string => {
  const plain = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\n\r]/u.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};
