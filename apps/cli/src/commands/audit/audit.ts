import { createWriteStream } from "node:fs";
import { once } from "node:events";
import type { AuditEntryShape, AuditFindingShape } from "@fairway/api";
import type { Actor } from "@fairway/core";
import { FairwayError, actorLabel, messageOf } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

interface ListOptions extends GlobalOptions {
  readonly actor?: string;
  readonly action?: string;
  readonly env?: string;
  readonly since?: string;
  readonly until?: string;
  readonly before?: string;
  readonly limit?: string;
}

/** `fairway audit list`, and `fairway audit` by itself. */
export async function listAudit([subject]: readonly string[], options: ListOptions): Promise<void> {
  const { actor, action, env: environment, since, until, before, limit = "30" } = options;
  const given = { actor, action, subject, environment, since, until, before, limit };
  const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const client = await daemonClient(options);
  const found = await client.call("audit", asked);
  if (options.json) return printJson(found);
  if (found.length === 0) return print("nothing is on record of that");
  const rows = found.map((entry) => [
    String(entry.number),
    entry.at.replace("T", " ").replace(/\.\d+Z$/, "Z"),
    harmless(actorLabel(entry.actor as Actor)),
    harmless(entry.action),
    harmless(entry.subject),
    harmless(entry.environment ?? "–"),
    harmless(detailOf(entry)),
  ]);
  for (const line of table(["row", "when", "who", "what", "of", "environment", "detail"], rows)) print(line);
}

const detailOf = ({ detail }: AuditEntryShape): string =>
  Object.entries(detail)
    .filter(([, value]) => value !== null && value !== false)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");

interface VerifyOptions extends GlobalOptions {
  readonly heads?: string;
  readonly key?: string;
}

/** `fairway audit verify`: of the daemon, or of an export without one. */
export async function verifyAudit([file]: readonly string[], options: VerifyOptions): Promise<number> {
  if (file === undefined && (options.heads !== undefined || options.key !== undefined))
    throw new FairwayError("bad_request", "--heads and --key are for an export", {
      hint: "fairway audit verify EXPORT --heads FILE --key FILE",
    });
  const found =
    file === undefined
      ? await (await daemonClient(options)).call("auditVerification", {})
      : await (await import("./verify-export.ts")).verifyExport(file, options);
  if (options.json) printJson(found);
  else tell(found);
  return found.whole ? 0 : 1;
}

function tell({ whole, rows, firstBad, problem, head, headsIn, notes }: AuditFindingShape): void {
  if (whole) {
    const vouched = head === null ? "" : `; up to row ${head} by the heads in ${harmless(headsIn)}`;
    print(`the record is whole: ${rows} rows${vouched}`);
  } else {
    print(`the record is NOT whole: ${harmless(problem ?? "")}`);
    if (firstBad !== null) print(`the first bad row is ${firstBad}`);
  }
  for (const note of notes) print(`→ ${harmless(note)}`);
}

const page = 2_000;

/** `fairway audit export`: JSON Lines, first the keys, then the rows, then the heads. */
export async function exportAudit([file]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const out = file === undefined ? process.stdout : createWriteStream(file, { flags: "wx", mode: 0o600 });
  if (file !== undefined)
    await once(out, "open").catch((thrown: unknown) => {
      throw new FairwayError("bad_request", `could not write to ${file}: ${messageOf(thrown)}`);
    });
  const write = async (line: object): Promise<void> => {
    if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, "drain");
  };
  let count = 0;
  for (let after = 0; ;) {
    const { rows, heads, keys } = await client.call("auditRows", { after, limit: page });
    if (after === 0) for (const key of keys) await write({ type: "key", ...key });
    for (const row of rows) await write({ type: "row", ...row });
    count += rows.length;
    after = rows.at(-1)?.number ?? after;
    if (rows.length === page) continue;
    for (const head of heads) await write({ type: "head", ...head });
    break;
  }
  if (file === undefined) return;
  out.end();
  await once(out, "finish");
  if (options.json) printJson({ file, rows: count });
  else print(`${count} rows are in ${file}\n→ verify it anywhere: fairway audit verify ${file}`);
}
