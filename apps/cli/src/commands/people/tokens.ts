import type { TokenShape } from "@fairway/api";
import { FairwayError, roles } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { ago } from "../../output/times.ts";
import { roleFrom } from "./users.ts";

interface CreateOptions extends GlobalOptions {
  readonly permission?: string;
  readonly env?: string;
  readonly project?: string;
  readonly days?: string;
  readonly service?: boolean;
  readonly role?: string;
}

/** `fairway tokens list`. */
export async function listTokens(
  _args: readonly string[],
  options: GlobalOptions & { readonly all?: boolean },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call(options.all ? "allTokens" : "tokens", {});
  if (options.json) return printJson(found);
  if (found.length === 0) return print(options.all ? "there are no tokens" : "you have no tokens");
  const now = Date.now();
  const rows = found.map((token) => [
    token.id,
    harmless(token.name),
    token.hint,
    ...(options.all ? [harmless(token.owner)] : []),
    limitsOf(token),
    token.revokedAt !== null
      ? "revoked"
      : Date.parse(token.expiresAt) <= now
        ? "expired"
        : `until ${token.expiresAt.slice(0, 10)}`,
    token.lastUsedAt === null
      ? "never"
      : `${ago(token.lastUsedAt, now)}${token.lastAddress === null ? "" : ` from ${harmless(token.lastAddress)}`}`,
  ]);
  for (const line of table(["id", "name", "begins", ...(options.all ? ["of"] : []), "may", "holds", "last used"], rows))
    print(line);
}

/** `fairway tokens create`: the token is the only thing on standard output, so that it can be piped where it is needed. */
export async function createToken([name = ""]: readonly string[], options: CreateOptions): Promise<void> {
  const client = await daemonClient(options);
  const reach = { projects: listed(options.project), environments: listed(options.env), ...daysOf(options) };
  const made = options.service
    ? await client.call("createServiceToken", {
        name,
        role: roleFrom(options.role ?? "viewer"),
        permissions: options.permission === undefined ? null : permissionsOf(options),
        ...reach,
      })
    : await client.call("createToken", { name, permissions: permissionsOf(options), ...reach });
  if (options.json) return printJson(made);
  print(made.token);
  process.stderr.write(`${made.id} (${limitsOf(made)}) until ${made.expiresAt.slice(0, 10)}; it is shown this once\n`);
}

/** `fairway tokens revoke`. */
export async function revokeToken([token = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const revoked = await (await daemonClient(options)).call("revokeToken", { token });
  if (options.json) printJson(revoked);
  else print(`${revoked.id} (${harmless(revoked.name)}) opens nothing any more`);
}

/** `fairway sessions list`. */
export async function listSessions(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const found = await (await daemonClient(options)).call("sessions", {});
  if (options.json) return printJson(found);
  if (found.length === 0) return print("you have no sessions here");
  const now = Date.now();
  const rows = found.map(({ id, kind, current, lastUsedAt, address, userAgent, expiresAt }) => [
    `${id}${current ? " (this one)" : ""}`,
    kind,
    ago(lastUsedAt, now),
    `${harmless(address ?? "–")} ${harmless((userAgent ?? "").slice(0, 40))}`.trim(),
    `until ${expiresAt.slice(0, 10)}`,
  ]);
  for (const line of table(["id", "kind", "last used", "from", "holds"], rows)) print(line);
}

/** `fairway sessions end`. */
export async function endSession([session = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  await (await daemonClient(options)).call("endSession", { session });
  if (options.json) printJson({ session, ended: true });
  else print(`${session} has ended`);
}

const listed = (written: string | undefined): string[] | null =>
  written === undefined
    ? null
    : written
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== "");

const known = ["read", "change", "approve", "operate", "secrets", "people", "audit"] as const;

function permissionsOf({ permission }: CreateOptions): (typeof known)[number][] {
  const wanted = listed(permission) ?? ["read"];
  const unknown = wanted.find((one) => !(known as readonly string[]).includes(one));
  if (unknown === undefined) return wanted as (typeof known)[number][];
  throw new FairwayError("bad_request", `there is no permission "${unknown}"`, {
    hint: `there are ${known.join(", ")}`,
  });
}

function daysOf({ days }: CreateOptions): { days?: number } {
  if (days === undefined) return {};
  if (/^\d{1,3}$/.test(days) && Number(days) >= 1 && Number(days) <= 365) return { days: Number(days) };
  throw new FairwayError("bad_request", `--days must be from 1 to 365, not "${days}"`);
}

const limitsOf = ({ role, permissions, environments, projects }: TokenShape): string =>
  [
    role === null || permissions.length < roles[role].length ? permissions.join(", ") : role,
    ...(environments === null ? [] : [`in ${environments.map(harmless).join(", ")}`]),
    ...(projects === null ? [] : [`of ${projects.map(harmless).join(", ")}`]),
  ].join(" ");
