import type { DisclosuresShape, EducationShape, ReleaseNoticeShape } from "@fairway/api";
import type { ReleaseId, Repository } from "@fairway/core";
import { FairwayError, figureOf, kpiState } from "@fairway/core";
import type { Control, ReleaseNotice, StandingDisclosures } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

type ContentOperations =
  | "disclosures"
  | "approveDisclosures"
  | "releaseNotice"
  | "sendReleaseNotice"
  | "receiveReleaseNotice"
  | "packet"
  | "operationsSummary"
  | "education";

interface ContentHandlerParts {
  readonly control: Pick<Control, "content" | "writing" | "duties">;
  readonly repository: Pick<Repository, "resolve">;
}

/** What releases show their users, who is told before, and what Fairway writes for people. */
export function contentHandlers({
  control: { content, writing, duties },
  repository,
}: ContentHandlerParts): Pick<Handlers, ContentOperations> {
  return {
    disclosures: async ({ ref }) => {
      const found = await content.disclosures((await repository.resolve(ref)).sha);
      if (found !== null) return disclosuresView(found);
      throw new FairwayError("not_found", `${ref} has no rules for disclosures`, {
        hint: "write ops/disclosures.yaml",
      });
    },
    approveDisclosures: async ({ ref, digest, note }) =>
      disclosuresView(await content.approve({ sha: (await repository.resolve(ref)).sha, digest, note })),
    releaseNotice: async ({ release }) => {
      const found = await content.notice(release as ReleaseId);
      if (found !== null) return noticeView(found);
      throw new FairwayError("not_found", `the commit of ${release} says nothing of a notice`, {
        hint: "write ops/notice.yaml",
      });
    },
    sendReleaseNotice: async ({ release }) => noticeView(await content.send(release as ReleaseId)),
    receiveReleaseNotice: async ({ release, role, digest }) =>
      noticeView(await content.receive({ release: release as ReleaseId, role, digest })),
    packet: async () => {
      const { sections, ...packet } = await writing.packet();
      return {
        ...packet,
        sections: sections.map(({ title, sources, lines }) => ({
          title,
          sources: sources.map((source) => ({ ...source })),
          lines: [...lines],
        })),
      };
    },
    operationsSummary: ({ from, until }) => writing.summary({ from, until }),
    education: async () => {
      const { plan } = await duties.inForce();
      const standings = await duties.standings({});
      return Promise.all(
        (plan.education ?? []).map(async ({ id, ...asset }): Promise<EducationShape> => {
          const name = `education:${id}`;
          const evidence = await duties.evidence({ duty: name, release: null, limit: 24 });
          const measured = evidence.map(({ observedAt, outcome, facts }) => ({
            at: observedAt,
            value: figureOf(facts["value"]),
            outcome,
          }));
          const value = measured[0]?.value ?? null;
          const standing = standings.find(({ duty }) => duty.id === name);
          return {
            ...{ id, ...asset, kpi: asset.kpi === null ? null : { ...asset.kpi }, value, measured },
            state: asset.kpi === null ? "unmeasured" : kpiState(asset.kpi, value),
            duty:
              standing === undefined
                ? null
                : { id: name, state: standing.state, why: standing.why, dueAt: standing.dueAt },
          };
        }),
      );
    },
  };
}

const disclosuresView = ({ sha, digest, state, findings, approved }: StandingDisclosures): DisclosuresShape => ({
  ...{ commit: sha, digest, state },
  findings: findings.map((finding) => ({ ...finding })),
  approved: approved === null ? null : { ...approved },
});

const noticeView = ({
  release,
  pack: { digest, files, to },
  receipts,
  standing: { state, why, from },
}: ReleaseNotice): ReleaseNoticeShape => ({
  ...{ release, digest, state, why, from, to: [...to] },
  files: files.map((file) => ({ ...file })),
  receipts: receipts.map((receipt) => ({ ...receipt })),
});
