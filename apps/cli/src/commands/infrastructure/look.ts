import type { Client, InfrastructurePlanShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { countLine, driftLines, infrastructurePlanLines } from "../../output/infrastructure-lines.ts";
import { table } from "../../output/table.ts";
import { columns, harmless, print, printJson } from "../../output/terminal.ts";
import { ago } from "../../output/times.ts";
import { numberOf } from "./change.ts";

/** `fairway infrastructure`, and `list`. */
export async function listStacks([environment]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("infrastructure", environment === undefined ? {} : { environment });
  if (options.json) return printJson(found);
  if (found.length === 0) {
    print(
      "There is no infrastructure here. Name a folder of Terraform or OpenTofu code under infrastructure: in the configuration.",
    );
    return;
  }
  const rows = found.map(({ environment: name, stack, program, last, findings }) => [
    name,
    stack,
    program,
    last === null ? "–" : `${last.id} ${last.state}`,
    last === null ? "–" : ago(last.plannedAt, Date.now()),
    String(findings),
  ]);
  for (const line of table(["environment", "stack", "program", "plan", "when", "drift"], rows)) print(line);
}

/** `fairway infrastructure plans`. */
export async function listInfrastructurePlans(
  [environment]: readonly string[],
  options: GlobalOptions & { readonly limit: string },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("infrastructurePlans", {
    limit: options.limit,
    ...(environment === undefined ? {} : { environment }),
  });
  if (options.json) return printJson(found);
  const rows = found.map((plan) => [
    String(plan.id),
    plan.environment,
    plan.stack,
    plan.state,
    plan.release ?? plan.commit.slice(0, 7),
    ago(plan.plannedAt, Date.now()),
    countLine(plan),
  ]);
  for (const line of table(["plan", "environment", "stack", "state", "of", "when", "what"], rows)) print(line);
}

/** `fairway infrastructure show`. */
export async function showInfrastructurePlan(
  [plan = ""]: readonly string[],
  options: GlobalOptions & { readonly all?: boolean; readonly markdown?: boolean },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await wholePlan(client, numberOf(plan, "plan"), options.all);
  if (options.json) return printJson(found);
  if (options.markdown) print(found.markdown);
  else for (const line of infrastructurePlanLines(found, columns(), options.all)) print(line);
}

/** A plan with its first resources, or with all of them, page by page. */
async function wholePlan(client: Client, plan: number, all = false): Promise<InfrastructurePlanShape> {
  const found = await client.call("infrastructurePlan", { plan });
  const changes = [...found.changes];
  while (all && changes.length < found.resources) {
    const next = await client.call("infrastructurePlan", { plan, from: String(changes.length), limit: "1000" });
    if (next.changes.length === 0) break;
    changes.push(...next.changes);
  }
  return { ...found, changes };
}

interface DriftOptions extends GlobalOptions {
  readonly all?: boolean;
  readonly show?: string;
}

/** `fairway infrastructure drift`: exit code 1 when something differs. */
export async function listDrift([environment]: readonly string[], options: DriftOptions): Promise<number> {
  const client = await daemonClient(options);
  const found = await client.call("drift", {
    closed: options.all ? "true" : "false",
    limit: "500",
    ...(environment === undefined ? {} : { environment }),
  });
  const open = found.filter(({ closedAt }) => closedAt === null);
  const code = open.length === 0 ? 0 : 1;
  if (options.show !== undefined) {
    const id = numberOf(options.show, "finding");
    const one = found.find((finding) => finding.id === id);
    if (one === undefined) throw new FairwayError("not_found", `there is no finding ${id}`);
    if (options.json) printJson(one);
    else for (const line of driftLines(one, columns())) print(line);
    return code;
  }
  if (options.json) {
    printJson(found);
    return code;
  }
  if (found.length === 0) print("The world is as the code says, as far as anybody has looked.");
  const now = Date.now();
  const rows = found.map((finding) => [
    String(finding.id),
    finding.environment,
    finding.stack,
    finding.closedAt === null ? finding.kind : "closed",
    ago(finding.firstSeen, now),
    ago(finding.lastSeen, now),
    harmless(finding.owner ?? "–"),
    harmless(finding.address),
  ]);
  if (rows.length > 0) {
    for (const line of table(["id", "environment", "stack", "kind", "first", "last", "owner", "resource"], rows))
      print(line);
    print("→ what changed, and what can be done: fairway infrastructure drift --show ID");
  }
  return code;
}

interface IgnoreOptions extends GlobalOptions {
  readonly for?: string;
  readonly reason?: string;
  readonly field?: string;
}

const day = 24 * 60 * 60 * 1000;

/** `fairway infrastructure ignore`. */
export async function ignoreDrift(
  [environment = "", finding = ""]: readonly string[],
  options: IgnoreOptions,
): Promise<void> {
  const days = /^(\d{1,4})d$/u.exec(options.for ?? "")?.[1];
  if (days === undefined || options.reason === undefined)
    throw new FairwayError("bad_request", "a difference is left alone for a time, and for a reason", {
      hint: `say both: fairway infrastructure ignore ${environment} ${finding} --for 30d --reason "…"`,
    });
  const client = await daemonClient(options);
  const closed = await client.call("ignoreDrift", {
    environment,
    finding: numberOf(finding, "finding"),
    field: options.field ?? null,
    reason: options.reason,
    until: new Date(Date.now() + Number(days) * day).toISOString(),
    by: whoAsks(),
  });
  if (options.json) printJson(closed);
  else print(`${closed.address} is left alone: ${harmless(closed.closedBecause ?? "")}`);
}

/** `fairway infrastructure own`. */
export async function ownDrift(
  [environment = "", finding = "", owner]: readonly string[],
  options: GlobalOptions,
): Promise<void> {
  const client = await daemonClient(options);
  const owned = await client.call("ownDrift", {
    environment,
    finding: numberOf(finding, "finding"),
    owner: owner ?? whoAsks(),
    by: whoAsks(),
  });
  if (options.json) printJson(owned);
  else print(`${harmless(owned.address)} is ${harmless(owned.owner ?? "nobody")}'s`);
}

/** `fairway infrastructure state list`. */
export async function listStates([environment = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("infrastructureStates", { environment });
  if (options.json) return printJson(found);
  const rows = found.map(({ id, stack, serial, plan, bytes, takenAt }) => [
    String(id),
    stack,
    serial === null ? "–" : String(serial),
    plan === null ? "by hand" : `before plan ${plan}`,
    `${Math.ceil(bytes / 1024)} KiB`,
    ago(takenAt, Date.now()),
  ]);
  for (const line of table(["state", "stack", "serial", "kept", "size", "when"], rows)) print(line);
}
