import type { Pool } from "pg";
import { databaseError } from "./database-error.ts";
import type { DatabaseAddress } from "./service-database.ts";
import { openThrowawayServer } from "./throwaway-server.ts";

/** Where migrations are tried before they run anywhere. */
export interface ShadowServer {
  /** Does something with the connection string of a role that may make databases there, and little else. */
  use<Result>(work: (url: string) => Promise<Result>): Promise<Result>;
}

/** A server that somebody names. */
export const shadowServerAt = (url: string): ShadowServer => ({ use: (work) => work(url) });

/** A server of its own for each use, which is gone after it. */
export const throwawayShadowServer: ShadowServer = {
  async use(work) {
    const server = await openThrowawayServer();
    try {
      return await work(server.connectionString);
    } finally {
      await server.stop();
    }
  },
};

const role = "fairway_shadow";

/**
 * The embedded server, as a role that may make databases and reaches no other one: migrations are other people's SQL, and the
 * daemon's own database is beside them.
 */
export const shadowServerOn = (pool: Pool, address: DatabaseAddress): ShadowServer => ({
  async use(work) {
    try {
      await pool.query(`do $$ begin
        if not exists (select from pg_roles where rolname = '${role}') then
          create role ${role} login nosuperuser createdb nocreaterole;
        end if;
      exception when duplicate_object or unique_violation then null; end $$`);
    } catch (thrown) {
      throw databaseError("make the role of shadow databases", thrown);
    }
    return work(`postgresql://${role}@localhost:${address.port}/postgres?host=${encodeURIComponent(address.host)}`);
  },
});
