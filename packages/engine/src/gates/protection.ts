import type { ApprovalTerms, FreezeWindow, Millis, Release, Repository } from "@fairway/core";
import { bothWindows, environmentOf } from "@fairway/core";
import { whoActs } from "../audit/acting.ts";

/** What stands between a deployment and its environment, as far as it does not depend on the moment. */
export interface Protection {
  readonly terms: ApprovalTerms;
  readonly freezes: readonly FreezeWindow[];
  readonly notice: Millis;
}

/** Nothing does. */
export const noProtection: Protection = { terms: {}, freezes: [], notice: 0 };

const day: Millis = 24 * 3_600_000;

/** What holds a deployment that is asked for now, by whoever acts here. */
export async function protectionOf(
  repository: Pick<Repository, "authors">,
  release: Release,
  running: Release | null,
  name: string,
): Promise<Protection> {
  const coming = environmentOf(release.project, name);
  const present = running === null ? undefined : environmentOf(running.project, name);
  const { approvals = 0, approvalTerms = {}, notice = 0 } = coming ?? {};
  return {
    terms: {
      expires: day,
      ...approvalTerms,
      requester: whoActs(),
      authors: approvals === 0 ? [] : await repository.authors(running?.revision.sha ?? null, release.revision.sha),
    },
    freezes: bothWindows(present?.freezes, coming?.freezes),
    notice,
  };
}
