import type { ReleaseId, Repository } from "@fairway/core";
import { listReleases, releaseById } from "../store/releases.ts";
import { listRuns } from "../store/runs.ts";
import type { Sql } from "../store/store.ts";

/** Whom everybody is where nobody logs in; their names tell them apart. */
const everybody = "local";

/**
 * The names of those who profit when a release gets through: who wrote it, the newest when none is named, and who wants
 * something deployed now: to this environment, or anywhere.
 */
export async function whoGains(
  sql: Sql,
  repository: Pick<Repository, "authors">,
  release: ReleaseId | null,
  environment: string | null = null,
): Promise<readonly string[]> {
  const [found] = release === null ? await listReleases(sql, { limit: 1 }) : [await releaseById(sql, release)];
  const authors = found === undefined ? [] : await repository.authors(null, found.revision.sha);
  const open = await listRuns(sql, { open: true, kind: "deployment", limit: 200 });
  const there = open.filter(
    ({ subject }) => environment === null || (subject as { environment?: string }).environment === environment,
  );
  const askers = there.flatMap(({ requestedBy, terms: { requester } }) => [
    requestedBy,
    ...(requester === undefined ? [] : [requester.name, requester.id, requester.owner?.name ?? requester.name]),
  ]);
  return [...authors.flatMap(({ name, email }) => [name, email]), ...askers].filter((name) => name !== everybody);
}
