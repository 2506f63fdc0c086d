import type { PreviewShape } from "@fairway/api";
import type { Permission } from "@fairway/core";
import { FairwayError, previewSecrets, whoMay } from "@fairway/core";
import type { PreviewControl, PreviewStanding } from "@fairway/engine";
import type { HandlerContext } from "./handler-context.ts";
import type { Handlers } from "./http-server.ts";

type PreviewOperations = "previews" | "preview" | "openPreview" | "closePreview" | "approvePreview";

/** What is asked of previews. Whoever changes them has a role for `previews`, as if that were one environment, or for all. */
export function previewHandlers(previews: PreviewControl): Pick<Handlers, PreviewOperations> {
  return {
    previews: async ({ ended, limit, before = null }) =>
      (await previews.list({ ended: ended === "true", limit, before })).map(viewOf),
    preview: async ({ preview }) => viewOf(await previews.show(preview)),
    async openPreview({ ref, name }, context) {
      await assertMay(context, "change");
      return viewOf(await previews.open({ ref, name }, context.actor));
    },
    async closePreview({ preview }, context) {
      await assertMay(context, "change");
      return viewOf(await previews.close(preview, context.actor));
    },
    async approvePreview({ preview, sha }, context) {
      await assertMay(context, "approve");
      return viewOf(await previews.approve(preview, sha, context.actor));
    },
  };
}

async function assertMay({ may }: HandlerContext, permission: Permission): Promise<void> {
  const answer = await may(permission, { environment: previewSecrets });
  if (!answer.possible) throw new FairwayError("denied", answer.reason, { hint: whoMay(permission) });
}

const viewOf = ({ preview, standing, why }: PreviewStanding): PreviewShape => ({
  number: preview.id,
  name: preview.name,
  standing,
  why,
  url: preview.url,
  hosts: [...preview.hosts],
  pull: preview.pull,
  ref: preview.ref,
  sha: preview.sha,
  title: preview.title,
  fork: preview.fromFork,
  approvedBy: preview.approvedSha === preview.sha ? preview.approvedBy : null,
  openedBy: preview.openedBy,
  openedAt: preview.openedAt,
  usedAt: preview.usedAt,
  endsAt:
    preview.state === "ending" || preview.state === "ended"
      ? null
      : new Date(Date.parse(preview.usedAt) + preview.settings.endAfter).toISOString(),
  endedAt: preview.endedAt,
  run: preview.endRun ?? preview.deployRun ?? preview.releaseRun,
});
