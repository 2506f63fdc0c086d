import type { Millis, PlannedMonitor } from "@fairway/core";
import { messageOf } from "@fairway/core";
import { withSession } from "@fairway/migrations";
import type { Alert } from "../store/alerts.ts";

/** What a server says of its archive and of who follows it. */
export interface ServerFacts {
  /** Whether it archives its log at all. */
  readonly archives: boolean;
  /** When archiving failed, and when it went well, for the last time; null for never. */
  readonly failedAt: number | null;
  readonly archivedAt: number | null;
  readonly failedFile: string | null;
  /** Since when the file of the log that has waited longest waits to be archived; null where none does. */
  readonly waitingSince: number | null;
  /** Standbys that follow it now. */
  readonly standbys: number;
  /** Of the slowest; null where none says. */
  readonly lag: Millis | null;
  readonly idleSlots: readonly string[];
}

/**
 * What is wrong with a server, by what it says of itself. How many standbys follow is counted against how many should: where
 * one is gone its lag is gone too, and nothing would ever be over a threshold.
 */
export function serverAlerts(
  { name, environment }: { readonly name: string; readonly environment: string },
  { standbys, lag, archive }: PlannedMonitor,
  facts: ServerFacts,
  now: number,
): readonly Alert[] {
  const alert = (what: string, level: Alert["level"], title: string, note: string): Alert => ({
    ...{ key: `${keyOf(name)}${what}`, level, title: `${name}: ${title}`, note, environment },
  });
  const found: Alert[] = [];
  const { failedAt, archivedAt, waitingSince } = facts;
  if (archive !== null && !facts.archives)
    found.push(
      alert(
        "archive",
        "error",
        "its log is not archived",
        "archive_mode is off, so a restore ends with the last backup",
      ),
    );
  else if (archive !== null && failedAt !== null && (archivedAt === null || failedAt > archivedAt))
    found.push(
      alert(
        "archive",
        "error",
        "its log cannot be archived",
        `archive_command fails with ${facts.failedFile ?? "a file"}`,
      ),
    );
  else if (archive !== null && waitingSince !== null && now - waitingSince > archive)
    found.push(
      alert(
        "archive",
        "error",
        "its log is archived late",
        `a file waits for ${Math.round((now - waitingSince) / 60_000)} minutes`,
      ),
    );
  if (facts.standbys < standbys)
    found.push(alert("standbys", "error", "a standby is gone", `${facts.standbys} of ${standbys} follow it`));
  if (facts.lag !== null && facts.lag > lag.warn)
    found.push(
      alert(
        "lag",
        facts.lag > lag.page ? "error" : "warning",
        "a standby lags behind",
        `by ${Math.round(facts.lag / 1000)} s, and ${lag.warn / 1000} s are well`,
      ),
    );
  if (facts.idleSlots.length > 0)
    found.push(
      alert(
        "slots",
        "warning",
        "nobody reads from a slot",
        `${facts.idleSlots.join(", ")}: its log is kept until the disk is full`,
      ),
    );
  return found;
}

/** How all keys of alerts of one backup's server begin. */
export const keyOf = (name: string): string => `backup/${name}/`;

const limits = { lock: 5_000, statement: 10_000 };

/** Asks a server of itself. Throws where it cannot be asked. */
export const askServer = (url: string): Promise<ServerFacts> =>
  withSession(url, limits, async (client) => {
    const { rows } = await client.query<{
      archives: boolean;
      failed: number | null;
      archived: number | null;
      file: string | null;
      waiting: number | null;
      standbys: number;
      lag: number | null;
      slots: readonly string[] | null;
    }>(
      `select current_setting('archive_mode') <> 'off' as archives,
         (extract(epoch from a.last_failed_time) * 1000)::float8 as failed,
         (extract(epoch from a.last_archived_time) * 1000)::float8 as archived, a.last_failed_wal as file,
         (select (extract(epoch from min(modification)) * 1000)::float8 from pg_ls_archive_statusdir() where name like '%.ready') as waiting,
         (select count(*)::int from pg_stat_replication where state = 'streaming') as standbys,
         (select (extract(epoch from max(replay_lag)) * 1000)::float8 from pg_stat_replication) as lag,
         (select array_agg(slot_name::text order by slot_name) from pg_replication_slots where not active) as slots
       from pg_stat_archiver a`,
    );
    const [row] = rows;
    return {
      archives: row?.archives ?? false,
      failedAt: row?.failed ?? null,
      archivedAt: row?.archived ?? null,
      failedFile: row?.file ?? null,
      waitingSince: row?.waiting ?? null,
      standbys: row?.standbys ?? 0,
      lag: row?.lag ?? null,
      idleSlots: row?.slots ?? [],
    };
  });

/** What is wrong with a server; that it cannot be asked is wrong, too. */
export async function watchServer(
  of: { readonly name: string; readonly environment: string },
  monitor: PlannedMonitor,
  url: () => Promise<string>,
  now: number,
): Promise<readonly Alert[]> {
  try {
    return serverAlerts(of, monitor, await askServer(await url()), now);
  } catch (thrown) {
    return [
      {
        ...{ key: `${keyOf(of.name)}asked`, level: "error", environment: of.environment },
        title: `${of.name}: its server cannot be asked how its log gets away`,
        note: messageOf(thrown),
      },
    ];
  }
}
