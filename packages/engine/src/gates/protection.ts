import type {
  ApprovalTerms,
  Asker,
  CommitAuthor,
  Environment,
  FreezeWindow,
  Millis,
  Release,
  Repository,
  Sha,
} from "@fairway/core";
import { bothWindows, environmentOf } from "@fairway/core";
import { whoActs } from "../audit/acting.ts";

/** What stands between a deployment and its environment, as far as it does not depend on the moment. */
export interface Protection {
  readonly terms: ApprovalTerms;
  readonly freezes: readonly FreezeWindow[];
  readonly notice: Millis;
}

/** What an environment runs, and which services of it run another release. */
interface Running {
  readonly running: Release | null;
  readonly mixed?: ReadonlyMap<string, Release>;
}

/** Nothing does. */
export const noProtection: Protection = { terms: {}, freezes: [], notice: 0 };

const day: Millis = 24 * 3_600_000;

/** What holds a deployment that is asked for now, by whoever acts here, or for somebody who asked for what it comes of. */
export async function protectionOf(
  repository: Pick<Repository, "authors">,
  release: Release,
  { running, mixed = new Map() }: Running,
  name: string,
  asker: Asker = { requester: whoActs() },
): Promise<Protection> {
  const coming = environmentOf(release.project, name);
  const present = running === null ? undefined : environmentOf(running.project, name);
  const { approvals = 0, approvalTerms = {}, notice = 0 } = coming ?? {};
  return {
    terms: {
      expires: day,
      ...approvalTerms,
      ...asker,
      authors: asksNobody(release, approvals)
        ? []
        : await authorsSince(repository, [running, ...mixed.values()], release.revision.sha),
    },
    freezes: bothWindows(present?.freezes, coming?.freezes),
    notice,
  };
}

/**
 * What approvals of a change of infrastructure alone are held to: what those of a deployment are, so neither is a way around.
 */
export async function termsOfChange(
  repository: Pick<Repository, "authors">,
  { approvalTerms = {} }: Environment,
  running: Release | null,
  commit: Sha,
): Promise<ApprovalTerms> {
  const authors = await authorsSince(repository, [running], commit);
  return { expires: day, ...approvalTerms, requester: whoActs(), authors };
}

/** Stacks ask about their plans by themselves, whatever the environment says of approvals. */
const asksNobody = ({ project }: Release, approvals: number): boolean =>
  approvals === 0 && (project.infrastructure ?? []).length === 0;

/** Who wrote what the release brings to any service, whichever release it runs now. */
async function authorsSince(
  repository: Pick<Repository, "authors">,
  before: readonly (Release | null)[],
  commit: Sha,
): Promise<readonly CommitAuthor[]> {
  const from = new Set(before.map((release) => release?.revision.sha ?? null));
  const found = await Promise.all([...from].map((sha) => repository.authors(sha, commit)));
  return [...new Map(found.flat().map((author) => [JSON.stringify(author), author])).values()];
}
