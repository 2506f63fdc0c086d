import { isAbsolute } from "node:path";
import type { Repository } from "@fairway/core";
import type { RepositorySource, WantedRepository } from "@fairway/workflow";
import type { Attempt } from "../runs/stage.ts";
import { copyForUser } from "./copy-for-user.ts";
import { folderOfJob } from "./job-folders.ts";
import type { JobPlace } from "./job-place.ts";
import type { WorkflowRunDocument } from "./run-document.ts";

/**
 * The repository where the job's user can read it: as it is, or a copy of the commit that is the user's own. The people's
 * repository is theirs, and git rightly refuses one that belongs to somebody else.
 */
export async function readableBy(
  place: JobPlace,
  repository: Repository,
  attempt: Attempt,
  source: RepositorySource,
): Promise<RepositorySource> {
  if (place.user === undefined || !isAbsolute(source.from)) return source;
  const copy = `${folderOfJob(place, attempt.run, attempt.job)}.${source.sha}.git`;
  await copyForUser(repository, source.sha, copy, place.user);
  return { ...source, from: copy };
}

/** Where a step that checks out finds what it wants: this repository as a rule, another only where it is named. */
export async function repositoryFor(
  repository: Repository,
  { event, github }: WorkflowRunDocument,
  { name, ref }: WantedRepository,
): Promise<RepositorySource> {
  const { path, name: own } = await repository.identity();
  if (name !== undefined && name.toLowerCase() !== own.toLowerCase()) {
    const url = `https://github.com/${name}.git`;
    return { from: url, fetch: ref ?? "HEAD", sha: ref !== undefined && /^[0-9a-f]{40}$/.test(ref) ? ref : "" };
  }
  if (ref === undefined || ref === "" || ref === event.sha) {
    const full = github["ref"];
    const branch =
      typeof full === "string" && full.startsWith("refs/heads/") ? { branch: full.slice("refs/heads/".length) } : {};
    return { from: path, fetch: event.sha, sha: event.sha, ...branch };
  }
  const revision = await repository.resolve(ref);
  return {
    from: path,
    fetch: revision.sha,
    sha: revision.sha,
    ...(revision.ref === null ? {} : { branch: revision.ref }),
  };
}
