import type { ContentFacts, Release } from "@fairway/core";
import { disclosureLine, noticeStanding } from "@fairway/core";
import { listReleases } from "../store/releases.ts";
import { receiptsOf } from "../store/contents.ts";
import type { ContentControl, ContentParts } from "./content-control.ts";
import { contentReader, standingDisclosures } from "./content-control.ts";

/** So many of what is wrong are told where a gate says no. */
const told = 5;

/** What gates know of the texts of a release: of the newest where none is meant. */
export function contentFacts(
  parts: Pick<ContentParts, "store" | "repository" | "scratch" | "now">,
): (release: Release | null) => Promise<ContentFacts> {
  const ofCommit: ContentControl["ofCommit"] = contentReader(parts);
  return async (release) => {
    const of = release ?? (await listReleases(parts.store, { limit: 1, forEnvironments: true }))[0];
    if (of === undefined) return { disclosures: null, notice: null };
    const { disclosures, pack } = await ofCommit(of.revision.sha);
    const standing = disclosures === null ? null : await standingDisclosures(parts.store, disclosures);
    return {
      disclosures:
        standing === null
          ? null
          : {
              digest: standing.digest,
              findings: standing.findings.slice(0, told).map(disclosureLine),
              count: standing.findings.length,
              approved: standing.approved !== null,
            },
      notice: pack === null ? null : noticeStanding(pack, await receiptsOf(parts.store, pack.digest), parts.now()),
    };
  };
}
