import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { FairwayError, messageOf } from "@fairway/core";
import { Client, escapeIdentifier, escapeLiteral } from "pg";

// Two roles take turns, so that services go on with the old one until they have the new one: `app`, and `app_b`, which is a
// member of the first and acts as it, so that both own the same.

const suffix = "_b";

/** The role that comes after another. */
export const nextRole = (role: string): string =>
  role.endsWith(suffix) ? role.slice(0, -suffix.length) : `${role}${suffix}`;

/** The role that both of a pair act as. */
export const baseRole = (role: string): string => (role.endsWith(suffix) ? role.slice(0, -suffix.length) : role);

/** The role that an address logs in as. Throws `bad_request` for one that is no address of PostgreSQL. */
export function roleOf(address: string, name: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.username === "")
    throw new FairwayError("bad_request", `${name} is no address of PostgreSQL with a user`, {
      hint: "it must be postgresql://user:password@host/database",
    });
  return decodeURIComponent(url.username);
}

/** The same address for another role and password. */
export function addressFor(address: string, role: string, password: string): string {
  const url = new URL(address);
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(password);
  return url.href;
}

export const newPassword = (): string => randomBytes(24).toString("base64url");

/** Lets a role log in with a password; the server is told what it checks it by, and never the password. May be repeated. */
export const letIn = (admin: string, address: string): Promise<void> =>
  as(admin, async (client) => {
    const role = roleOf(address, "the new address");
    const password = decodeURIComponent(new URL(address).password);
    const { rows } = await client.query("select 1 from pg_roles where rolname = $1", [role]);
    const base = baseRole(role);
    await client.query("begin");
    if (rows.length === 0) await client.query(`create role ${escapeIdentifier(role)}`);
    await client.query(`alter role ${escapeIdentifier(role)} login password ${escapeLiteral(scramOf(password))}`);
    if (role !== base) {
      await client.query(`grant ${escapeIdentifier(base)} to ${escapeIdentifier(role)}`);
      await client.query(`alter role ${escapeIdentifier(role)} set role ${escapeLiteral(base)}`);
    }
    await client.query("commit");
  });

/** Lets a role log in no more, and ends what it has open. May be repeated. */
export const shutOut = (admin: string, role: string): Promise<void> =>
  as(admin, async (client) => {
    await client.query(`alter role ${escapeIdentifier(role)} nologin password null`);
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [role]);
  });

/** Whether an address is let in, or refused for who it is. Throws `database_unusable` when that cannot be found out. */
export async function isLetIn(address: string): Promise<boolean> {
  const client = clientFor(address);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch (thrown) {
    const { code } = thrown as { readonly code?: string };
    if (code === "28P01" || code === "28000") return false;
    throw cannot(thrown);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** With a deadline for all that is asked of it. */
function clientFor(connectionString: string): Client {
  const client = new Client({ connectionString, connectionTimeoutMillis: 10_000, query_timeout: 30_000 });
  // What ends the session also fails the question that is under way, which tells of it; unheard, it would end the daemon.
  client.on("error", () => undefined);
  return client;
}

async function as(admin: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = clientFor(admin);
  try {
    await client.connect();
    await work(client);
  } catch (thrown) {
    throw cannot(thrown);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const cannot = (thrown: unknown): FairwayError =>
  new FairwayError("database_unusable", `could not speak to the database about its roles: ${messageOf(thrown)}`, {
    hint: "see whether it answers, and whether the administrator's address may change roles",
    cause: thrown,
    retryable: true,
  });

/** What PostgreSQL keeps of a password (RFC 5803). */
function scramOf(password: string): string {
  const [salt, rounds] = [randomBytes(16), 4096];
  const salted = pbkdf2Sync(password, salt, rounds, 32, "sha256");
  const part = (word: string): Buffer => createHmac("sha256", salted).update(word).digest();
  const stored = createHash("sha256").update(part("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${rounds}:${salt.toString("base64")}$${stored}:${part("Server Key").toString("base64")}`;
}
