import type { BackupSnapshot } from "@fairway/core";
import { FairwayError } from "@fairway/core";

/** What pgBackRest says of a stanza in one of its repositories: https://pgbackrest.org/command.html#command-info */
export interface StanzaInfo {
  readonly snapshots: readonly BackupSnapshot[];
  /** By the name of a backup: where its stretch of the log is, and up to where that was archived. */
  readonly logs: ReadonlyMap<string, { readonly archive: string; readonly from: string; readonly to: string }>;
}

interface WrittenBackup {
  readonly label: string;
  readonly type: string;
  readonly error?: boolean | null;
  readonly archive: { readonly start: string | null; readonly stop: string | null };
  readonly lsn?: { readonly start?: string; readonly stop?: string };
  readonly timestamp: { readonly start: number; readonly stop: number };
  readonly info: { readonly size: number; readonly repository: { readonly delta: number } };
  readonly database: { readonly id: number; readonly "repo-key": number };
}

interface WrittenStanza {
  readonly name: string;
  readonly cipher?: string;
  readonly status: { readonly code: number; readonly message: string };
  readonly repo?: readonly {
    readonly key: number;
    readonly cipher?: string;
    readonly status: WrittenStanza["status"];
  }[];
  readonly db: readonly {
    readonly id: number;
    readonly "repo-key": number;
    readonly version: string;
    readonly "system-id": string;
  }[];
  readonly archive: readonly {
    readonly id: string;
    readonly max: string | null;
    readonly database: { readonly id: number; readonly "repo-key": number };
  }[];
  readonly backup: readonly WrittenBackup[];
}

/** What it answers for: a stanza that is whole, one without a backup, and one that is not there yet. */
const [missingPath, noBackup, missingData] = [1, 2, 3];

/**
 * Reads the answer of `pgbackrest info --output=json`, whose exit code is 0 whatever it says. Throws `key_unusable`,
 * `backup_damaged`.
 */
export function stanzaInfo(text: string, stanza: string, repository: number): StanzaInfo {
  const found = parsed(text, stanza).find(({ name }) => name === stanza);
  if (found === undefined) return { snapshots: [], logs: new Map() };
  const { status, cipher } = found.repo?.find(({ key }) => key === repository) ?? found;
  if (status.code !== 0 && ![missingPath, noBackup, missingData].includes(status.code))
    throw refused(status.message, stanza);
  const isOurs = ({ database }: { readonly database: { readonly "repo-key": number } }): boolean =>
    database["repo-key"] === repository;
  const whole = found.backup.filter((backup) => isOurs(backup) && backup.error !== true);
  const server = ({ database }: WrittenBackup): WrittenStanza["db"][number] | undefined =>
    found.db.find((db) => db.id === database.id && db["repo-key"] === repository);
  return {
    snapshots: whole
      .toSorted((one, other) => one.timestamp.stop - other.timestamp.stop)
      .map((backup) => ({
        id: backup.label,
        kind: backup.type === "full" ? "full" : "incremental",
        startedAt: momentOf(backup.timestamp.start),
        endedAt: momentOf(backup.timestamp.stop),
        position: backup.lsn?.stop ?? null,
        serverVersion: server(backup)?.version ?? null,
        bytes: backup.info.size,
        encrypted: (cipher ?? found.cipher ?? "none") !== "none",
        identity: server(backup)?.["system-id"] ?? null,
      })),
    logs: new Map(
      whole.flatMap((backup) => {
        const archive = found.archive.find((one) => isOurs(one) && one.database.id === backup.database.id);
        const { start, stop } = backup.archive;
        if (archive === undefined || start === null || stop === null) return [];
        return [[backup.label, { archive: archive.id, from: start, to: laterOf(stop, archive.max ?? stop) }]];
      }),
    ),
  };
}

/** In words only: it has no code for a key that opens nothing. */
export function refused(said: string, stanza: string): FairwayError {
  // What a wrong key makes of a file is quoted, and is no text.
  const [first = ""] = said.split("\n");
  const why = first.replaceAll(/[^\x20-\x7e]/g, "").slice(0, 300);
  const isKey = /crypto|cipher|unable to load info file/iu.test(said);
  return isKey
    ? new FairwayError(
        "key_unusable",
        `the repository of ${stanza} is not opened by the key that it was given: ${why}`,
        {
          hint: "give the secret that `key` names the passphrase of the repository",
        },
      )
    : new FairwayError("backup_damaged", `the repository of ${stanza} is not well: ${why}`);
}

function parsed(text: string, stanza: string): readonly WrittenStanza[] {
  let found: unknown;
  try {
    // Identifiers of servers are larger than what JSON's numbers hold.
    found = JSON.parse(text.replaceAll(/("system-id":)(\d+)/g, '$1"$2"'));
  } catch (thrown) {
    // It quotes what it could not read as it found it, which then is no JSON.
    const said = /"code":99,"message":"([^]*)/u.exec(text)?.[1];
    if (said !== undefined) throw refused(said, stanza);
    throw new FairwayError("backup_damaged", "pgbackrest info did not answer in JSON", { cause: thrown });
  }
  if (!Array.isArray(found)) throw new FairwayError("backup_damaged", "pgbackrest info did not answer with stanzas");
  return found as readonly WrittenStanza[];
}

/**
 * Of two segments, on whichever timeline: where the end of an archive is gone, its newest is older than what a backup needs.
 */
const laterOf = (one: string, other: string): string => (other.slice(8) > one.slice(8) ? other : one);

const momentOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
