import type { IncidentShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { table } from "../../output/table.ts";
import { bold, harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway incidents`. */
export async function listIncidents(
  _args: readonly string[],
  options: GlobalOptions & { readonly all?: boolean; readonly limit?: string; readonly before?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const open = options.all === true ? {} : ({ open: "true" } as const);
  const found = await client.call("incidents", {
    ...open,
    ...(options.before === undefined ? {} : { before: numberOf(options.before) }),
    limit: Number(options.limit ?? 20),
  });
  if (options.json) return printJson(found);
  if (found.length === 0) return print(options.all === true ? "there was none yet" : "none is open");
  const rows = found.map((one) => [
    `i${one.number}`,
    severityLine(one),
    harmless(one.environment ?? "everywhere"),
    one.openedAt.slice(0, 16).replace("T", " "),
    one.closedAt === null ? "open" : `closed ${one.closedAt.slice(0, 10)}`,
    harmless(one.title),
  ]);
  for (const line of table(["", "severity", "where", "since (UTC)", "state", "what"], rows)) print(line);
}

/** `fairway incidents show`. */
export async function showIncident([name = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  tell(await client.call("incident", { number: numberOf(name) }), options);
}

/** `fairway incidents open`. */
export async function openIncident(
  [title = ""]: readonly string[],
  options: GlobalOptions & {
    readonly impact?: string;
    readonly scope?: string;
    readonly env?: string;
    readonly release?: string;
  },
): Promise<void> {
  const client = await daemonClient(options);
  const opened = await client.call("openIncident", {
    by: whoAsks(),
    title,
    impact: oneOf(options.impact, ["outage", "degraded", "minor"], "--impact"),
    scope: oneOf(options.scope ?? "some", ["all", "some", "one"], "--scope"),
    environment: options.env ?? null,
    release: options.release ?? null,
  });
  tell(opened, options);
}

/** `fairway incidents confirm`. */
export async function confirmIncident(
  [name = "", severity = ""]: readonly string[],
  options: GlobalOptions,
): Promise<void> {
  const client = await daemonClient(options);
  const said = Number(oneOf(severity.replace(/^SEV/iu, ""), ["1", "2", "3", "4"], "the severity")) as 1 | 2 | 3 | 4;
  tell(await client.call("confirmIncident", { by: whoAsks(), number: numberOf(name), severity: said }), options);
}

/** `fairway incidents note`. */
export async function noteIncident([name = "", text = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  tell(await client.call("noteIncident", { by: whoAsks(), number: numberOf(name), text }), options);
}

/** `fairway incidents close`. */
export async function closeIncident(
  [name = ""]: readonly string[],
  options: GlobalOptions & { readonly cause?: string },
): Promise<void> {
  const client = await daemonClient(options);
  if (options.cause === undefined)
    throw new FairwayError("bad_request", "say what the cause was", {
      hint: `fairway incidents close ${name} --cause "…"`,
    });
  tell(
    await client.call("closeIncident", { by: whoAsks(), number: numberOf(name), rootCause: options.cause }),
    options,
  );
}

const severityLine = ({ proposed, confirmed }: IncidentShape): string =>
  confirmed === null ? `SEV${proposed}, proposed` : `SEV${confirmed}`;

/** For people, or as JSON. */
export function tell(incident: IncidentShape, { json }: GlobalOptions): void {
  if (json) return printJson(incident);
  print(bold(`i${incident.number} ${severityLine(incident)}: ${harmless(incident.title)}`));
  const { environment, release, openedAt, openedBy } = incident;
  const where = `${harmless(environment ?? "everywhere")}${release === null ? "" : `, ${harmless(release)}`}`;
  print(`  ${where}, since ${openedAt.slice(0, 16).replace("T", " ")} by ${harmless(openedBy)}`);
  if (incident.confirmed === null && incident.closedAt === null)
    print(`  confirm it: fairway incidents confirm i${incident.number} ${incident.proposed}`);
  for (const { at, by, text } of incident.notes)
    print(`  ${at.slice(0, 16).replace("T", " ")} ${harmless(by)}: ${harmless(text)}`);
  if (incident.rule !== null)
    print(
      `  proposed SEV${incident.proposed} by ${harmless(incident.rule)}${incident.source === null ? "" : `, from ${harmless(incident.source)}`}`,
    );
  for (const { number, what, owner, due, doneAt } of incident.followUps)
    print(
      `  follow-up ${number}: ${harmless(what)} – ${harmless(owner)}, ${doneAt === null ? `until ${due}` : "done"}`,
    );
  if (incident.closedAt !== null) print(`  closed ${incident.closedAt}: ${harmless(incident.rootCause ?? "")}`);
}

/** The number of one named like i7. Throws `bad_request`. */
export function numberOf(name: string): number {
  const number = Number(name.replace(/^i/u, ""));
  if (Number.isInteger(number) && number > 0) return number;
  throw new FairwayError("bad_request", `${JSON.stringify(name)} is no incident`, { hint: "they are named like i7" });
}

function oneOf<Word extends string>(given: string | undefined, words: readonly Word[], what: string): Word {
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  throw new FairwayError("bad_request", `${what} is one of ${words.join(", ")}`);
}
