import { createHash } from "node:crypto";
import type { Pool } from "pg";
import { databaseError } from "./database-error.ts";

/** Where a server is reached, as a connection string without user and database. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
}

/** PostgreSQL cuts longer names off without a word, and two cut names may be the same. */
const longestName = 63;

/** The name of a service's database and role: `staging_catalog`. */
function serviceDatabaseName(environment: string, service: string): string {
  const name = `${environment}_${service}`.replaceAll("-", "_");
  if (name.length <= longestName) return name;
  return `${name.slice(0, longestName - 9)}_${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}

/**
 * A connection string to a database that belongs to one service of one environment; role and database are made when
 * they are not there. The role owns its database and nothing else. May be repeated, also by two at once.
 */
export async function serviceDatabase(
  pool: Pool,
  address: DatabaseAddress,
  environment: string,
  service: string,
): Promise<string> {
  const name = serviceDatabaseName(environment, service);
  const identifier = `"${name}"`;
  try {
    const client = await pool.connect();
    try {
      // CREATE DATABASE cannot be part of a transaction, so the turn is taken for the connection and given back.
      await client.query("select pg_advisory_lock(hashtext($1))", [name]);
      const role = await client.query("select 1 from pg_roles where rolname = $1", [name]);
      if (role.rowCount === 0)
        await client.query(`create role ${identifier} login nosuperuser nocreatedb nocreaterole`);
      const database = await client.query("select 1 from pg_database where datname = $1", [name]);
      if (database.rowCount === 0) await client.query(`create database ${identifier} owner ${identifier}`);
      await client.query(`revoke connect on database ${identifier} from public`);
    } finally {
      await client.query("select pg_advisory_unlock_all()");
      client.release();
    }
  } catch (thrown) {
    throw databaseError(`make the database ${name}`, thrown);
  }
  return `postgresql://${name}@localhost:${address.port}/${name}?host=${encodeURIComponent(address.host)}`;
}
