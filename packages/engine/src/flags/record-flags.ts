import type { Digest, FlagRecord, FlagSource, Project } from "@fairway/core";
import { canonicalJson } from "../digest.ts";
import { documentOf } from "../store/documents.ts";
import type { Sql } from "../store/store.ts";

/**
 * Keeps how the flags of every environment stand, and answers with the digest of that; null when there are none at all.
 * The same flags have the same digest, whatever was done to them in between. May be repeated.
 */
export async function recordFlags(
  source: FlagSource,
  { environments }: Pick<Project, "environments">,
  keep: (body: string) => Promise<Digest>,
): Promise<Digest | null> {
  const found = await Promise.all(
    environments.map(async ({ name }) => [name, (await source.snapshot(name)).flags] as const),
  );
  const record: FlagRecord = Object.fromEntries(found.filter(([, flags]) => Object.keys(flags).length > 0));
  return Object.keys(record).length === 0 ? null : keep(canonicalJson(record));
}

/** The flags that a release recorded; none for one from before there were any. Throws `artifact_damaged`. */
export const recordedFlags = async (sql: Sql, digest: Digest | null | undefined): Promise<FlagRecord> =>
  digest === null || digest === undefined ? {} : (JSON.parse(await documentOf(sql, digest)) as FlagRecord);
