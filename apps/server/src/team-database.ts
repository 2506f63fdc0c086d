import { FairwayError } from "@fairway/core";
import { claimDatabase, openStore, throwawayShadowServer } from "@fairway/engine";
import type { Database, DatabaseEvents } from "./database.ts";
import { namedShadowServer } from "./shadow-server.ts";

/** Opens the team's PostgreSQL, for one daemon at a time: the replicas that it writes down are those of one machine. */
export async function openTeamDatabase(url: string, { onTrouble, onLost }: DatabaseEvents): Promise<Database> {
  const store = openStore({ connectionString: url });
  const claim = await claimDatabase(store, { onTrouble, onLost }).catch(async (thrown: unknown) => {
    await store.close();
    throw thrown;
  });
  const { hostname, searchParams } = new URL(url);
  return {
    store,
    embedded: false,
    where: `DATABASE_URL, ${searchParams.get("host") ?? hostname}`,
    ranBefore: true,
    shadow: namedShadowServer() ?? throwawayShadowServer,
    // Previews run what nobody has looked at: they get nothing on the server that holds Fairway's own rows.
    previews: null,
    serviceUrl: async (environment, service) => {
      throw new FairwayError(
        "database_unusable",
        `${environment}/${service} asks for a database, which Fairway makes only on the embedded one`,
        {
          hint: "give it DATABASE_URL as a secret instead of `database: true`",
        },
      );
    },
    backup: async () => {
      throw new FairwayError("not_allowed_now", "the database is the team's own", {
        hint: "back it up as you back up the others on that server",
      });
    },
    async close() {
      await claim.release();
      await store.close();
    },
  };
}
