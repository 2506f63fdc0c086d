import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FairwayError, messageOf } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

type FileBytes = Awaited<ReturnType<Awaited<ReturnType<typeof daemonClient>>["file"]>>;

/** `fairway evidence export`: a bundle of a release that verifies anywhere. */
export async function exportBundle([release = "", file]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const target = file ?? `bundle-${release}.zip`;
  await keep(await client.file("evidenceBundle", { release }), target);
  if (options.json) printJson({ release, file: target });
  else print(`all that is on record of ${release} is in ${target}\n→ verify it anywhere: fairway verify ${target}`);
}

/** `fairway evidence quarter`: what was owed and shown within a quarter. */
export async function exportQuarter(
  [quarter = "", file]: readonly string[],
  options: GlobalOptions & { readonly form?: string; readonly sealed?: string },
): Promise<void> {
  const form = options.form ?? "md";
  if (form !== "md" && form !== "csv" && form !== "json")
    throw new FairwayError("bad_request", `${JSON.stringify(form)} is no form of a summary`, {
      hint: "md, csv or json",
    });
  const client = await daemonClient(options);
  if (options.sealed !== undefined) return exportSealed(client, quarter, options.sealed);
  const body = await client.file("quarterSummary", { quarter, form });
  if (file === undefined) return pipeline(Readable.fromWeb(body as never), process.stdout, { end: false });
  await keep(body, file);
  print(`the summary of ${quarter} is in ${file}`);
}

/** All forms of a quarter's summary, and the seal by which each of them verifies. */
async function exportSealed(
  client: Awaited<ReturnType<typeof daemonClient>>,
  quarter: string,
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const seal = join(folder, `fairway-${quarter}.seal.json`);
  for (const [form, end] of [
    ["md", "md"],
    ["csv", "csv"],
    ["json", "jsonl"],
    ["seal", "seal.json"],
  ] as const)
    await keep(await client.file("quarterSummary", { quarter, form }), join(folder, `fairway-${quarter}.${end}`));
  print(`the summary of ${quarter} is in ${folder}\n→ verify it anywhere: fairway verify ${seal}`);
}

/** `fairway verify`: the seal of a quarter and what lies beside it. Exit code 1 says that it is not what was signed. */
export async function verifySealFile(
  [file = ""]: readonly string[],
  options: GlobalOptions & { readonly key?: string },
): Promise<number> {
  const { verifySealFile: verifySeal } = await import("../audit/verify-export.ts");
  const found = await verifySeal(file, options.key === undefined ? null : await textOf(options.key));
  const { whole, quarter, signedBy, files, problems, notes } = found;
  if (options.json) printJson({ whole, quarter, signedBy, files, problems, notes });
  else {
    print(
      whole
        ? `the summary of ${harmless(quarter ?? "")} is whole: ${files.join(", ")}, signed by ${harmless(signedBy ?? "")}`
        : "the summary is NOT whole",
    );
    for (const problem of problems) print(`✗ ${harmless(problem)}`);
    for (const note of notes) print(`→ ${harmless(note)}`);
  }
  return whole ? 0 : 1;
}

async function keep(body: FileBytes, file: string): Promise<void> {
  try {
    await pipeline(Readable.fromWeb(body as never), createWriteStream(file, { flags: "wx", mode: 0o600 }));
  } catch (thrown) {
    throw new FairwayError("bad_request", `could not write to ${file}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** `fairway verify`: a bundle, without a daemon or a network. Exit code 1 says that it is not what was signed. */
export async function verifyBundleFile(
  [file = ""]: readonly string[],
  options: GlobalOptions & { readonly key?: string },
): Promise<number> {
  const { verifyBundleFile: verifyBundle } = await import("../audit/verify-export.ts");
  const key = options.key === undefined ? null : await textOf(options.key);
  const { whole, release, signedBy, rows, problems, notes } = await verifyBundle(file, key);
  if (options.json) printJson({ whole, release, signedBy, rows, problems, notes });
  else {
    print(
      whole
        ? `the bundle of ${harmless(release ?? "")} is whole: ${rows} rows of the record, signed by ${harmless(signedBy ?? "")}`
        : "the bundle is NOT whole",
    );
    for (const problem of problems) print(`✗ ${harmless(problem)}`);
    for (const note of notes) print(`→ ${harmless(note)}`);
  }
  return whole ? 0 : 1;
}

const textOf = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((thrown: unknown) => {
    throw new FairwayError("bad_request", `could not read ${path}: ${messageOf(thrown)}`);
  });
