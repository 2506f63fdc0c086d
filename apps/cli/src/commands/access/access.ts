import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { AccessReviewShape } from "@fairway/api";
import { FairwayError, principalsOfCsv } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { table } from "../../output/table.ts";
import { bold, harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway access`. */
export async function listReviews(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("accessReviews", {});
  if (options.json) return printJson(found);
  if (found.length === 0) return print("there was none yet: fairway access open DUTY --csv FILE");
  const rows = found.map(({ number, duty, system, at, open, principals }) => [
    String(number),
    harmless(duty),
    harmless(system),
    at.slice(0, 10),
    open === 0 ? "all decided" : `${open} of ${principals.length} open`,
  ]);
  for (const line of table(["review", "duty", "system", "since", "state"], rows)) print(line);
}

/** `fairway access show`. */
export async function showReview([name = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  tell(await client.call("accessReview", { number: numberOf(name) }), options);
}

/** `fairway access open`. */
export async function openReview(
  [duty = ""]: readonly string[],
  options: GlobalOptions & { readonly csv?: string; readonly aws?: string },
): Promise<void> {
  const { csv, aws } = options;
  if ((csv === undefined) === (aws === undefined))
    throw new FairwayError("bad_request", "say where everybody is listed: --csv FILE or --aws ENVIRONMENT");
  const client = await daemonClient(options);
  const listed =
    csv === undefined
      ? await client.call("accessReport", { environment: aws ?? "" })
      : { system: basename(csv), principals: await readCsv(csv) };
  const opened = await client.call("openAccessReview", {
    ...{ by: whoAsks(), duty, system: listed.system },
    principals: listed.principals.map(({ principal, kind, access, lastUsed, concerns }) => ({
      ...{ principal, kind, access: [...access], lastUsed, concerns: [...concerns] },
    })),
  });
  tell(opened, options);
}

/** `fairway access decide`. */
export async function decideAccess(
  [name = "", principal = "", choice = ""]: readonly string[],
  options: GlobalOptions & { readonly reason?: string },
): Promise<void> {
  if (choice !== "keep" && choice !== "change" && choice !== "revoke")
    throw new FairwayError("bad_request", `${choice} is none of keep, change, revoke`);
  const client = await daemonClient(options);
  const because = options.reason ?? "";
  if (because === "") throw new FairwayError("bad_request", "say why: --reason TEXT");
  tell(
    await client.call("decideAccess", { by: whoAsks(), number: numberOf(name), principal, choice, because }),
    options,
  );
}

/** `fairway vendors`. */
export async function listVendors(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const { credentials } = await client.call("credentials", {});
  const vendors = [...new Set(credentials.map(({ vendor }) => vendor))];
  if (options.json) return printJson(vendors);
  for (const vendor of vendors) print(harmless(vendor));
}

/** `fairway vendors show`. */
export async function vendorContacts([vendor = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  tellContacts(await client.call("vendorContacts", { vendor, limit: 50 }), options);
}

/** `fairway vendors log`. */
export async function logVendorContact(
  [vendor = "", note = ""]: readonly string[],
  options: GlobalOptions,
): Promise<void> {
  const client = await daemonClient(options);
  tellContacts(await client.call("logVendorContact", { vendor, by: whoAsks(), note }), options);
}

function tellContacts(
  found: readonly { readonly at: string; readonly by: string; readonly note: string }[],
  options: GlobalOptions,
): void {
  if (options.json) return printJson(found);
  if (found.length === 0) return print("nothing was written down yet");
  for (const { at, by, note } of found)
    print(`${at.slice(0, 16).replace("T", " ")}  ${harmless(by)}: ${harmless(note)}`);
}

async function readCsv(file: string) {
  const read = principalsOfCsv(await readFile(file, "utf8"));
  if ("principals" in read) return read.principals;
  const said = read.problems.map(({ line, message }) => `${file}:${line}:1 ${message}`);
  throw new FairwayError("bad_request", said.join("\n"), {
    hint: "the first line names the columns: principal,kind,access",
  });
}

function tell(review: AccessReviewShape, options: GlobalOptions): void {
  if (options.json) return printJson(review);
  print(bold(`review ${review.number} of ${harmless(review.duty)}: ${harmless(review.system)}`));
  const rows = review.principals.map(({ principal, kind, lastUsed, concerns, decision, access }) => [
    harmless(principal),
    kind,
    harmless(access.join(", ") || "–"),
    lastUsed?.slice(0, 10) ?? "never",
    harmless(concerns.join("; ") || "–"),
    decision === null ? "open" : harmless(`${decision.choice} by ${decision.by}: ${decision.because}`),
  ]);
  for (const line of table(["principal", "kind", "access", "used", "see first", "decision"], rows)) print(line);
}

function numberOf(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  throw new FairwayError("bad_request", `${name} is no review`, { hint: "see which there are: fairway access" });
}
