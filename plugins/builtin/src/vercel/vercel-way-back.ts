import type { HostedMarks, Progress, Rollout } from "@fairway/core";
import { deploymentsOf } from "./vercel-deployments.ts";
import type { VercelLook } from "./vercel-look.ts";
import { lookAtVercel } from "./vercel-look.ts";
import { beforeOf, pointTo } from "./vercel-moves.ts";
import { cancelIfOpen, failed } from "./vercel-readiness.ts";
import type { VercelTargetParts } from "./vercel-target-parts.ts";
import { asked, moving } from "./vercel-target-parts.ts";
import { vercelBack } from "./vercel-verdict.ts";

/** Leads a project's addresses back to where they led before a rollout. What somebody else brought stays. Safe to repeat. */
export async function wayBack(parts: VercelTargetParts, rollout: Rollout): Promise<Progress> {
  const { placement, scope, ledger, api } = parts;
  await ledger.fence(rollout.token);
  const known = await ledger.read(scope);
  const isMine = known !== null && known.rollout === rollout.id;
  // A preview that ends is not the rollout that brought it.
  if (known === null || (!isMine && (rollout.from !== null || rollout.desired > 0))) return { phase: "succeeded" };
  if (isMine && known.isBack) return { phase: "succeeded" };
  const look = await lookAtVercel(api, placement);
  if ("refused" in look) return failed(look.refused);
  const marks = await knownDeployment(parts, rollout, look, known);
  if ("phase" in marks) return marks;
  if (!isMine) return takeAway(parts, rollout, look, marks);
  switch (vercelBack(look, marks)) {
    case "moving":
      return moving(parts, "Vercel moves the domains");
    case "somebody else's":
      return failed("what runs on Vercel now was brought by somebody else; it was left as it is");
    case "failed":
      return failed("Vercel did not lead the domains back");
    case "back":
      return back(parts, rollout, look, marks);
    case "rolling":
    case "ours":
      return lead(parts, rollout, look, marks);
  }
}

/** The addresses lead where they led. What was asked for may still come, so it is asked for the contrary once. */
async function back(
  parts: VercelTargetParts,
  rollout: Rollout,
  look: VercelLook,
  marks: HostedMarks,
): Promise<Progress> {
  const { ledger, api } = parts;
  const isFirst = Object.values(beforeOf(look, marks)).every((id) => id === null);
  if (marks.asked !== null && isFirst) return takeAway(parts, rollout, look, marks);
  if (marks.asked !== null && marks.askedBack === null) {
    const led = await lead(parts, rollout, look, marks);
    if (led.phase === "moving") return led;
  }
  const refused = marks.deployment === null ? null : await cancelIfOpen(api, marks.deployment);
  if (refused !== null) return failed(refused);
  await ledger.write(rollout.token, { ...marks, isBack: true });
  return { phase: "succeeded" };
}

async function lead(
  parts: VercelTargetParts,
  rollout: Rollout,
  look: VercelLook,
  marks: HostedMarks,
): Promise<Progress> {
  const { placement, ledger, api } = parts;
  const wanted = beforeOf(look, marks);
  if (Object.values(wanted).every((id) => id === null)) return takeAway(parts, rollout, look, marks);
  if (marks.askedBack === null)
    await ledger.write(rollout.token, { ...marks, askedBack: look.request?.requestedAt ?? 0 });
  return asked(parts, rollout, await pointTo(api, placement, look, wanted, true), "leading the domains back");
}

/** With the deployment that whoever was killed had made already. */
async function knownDeployment(
  { api }: VercelTargetParts,
  rollout: Rollout,
  look: VercelLook,
  marks: HostedMarks,
): Promise<HostedMarks | Progress> {
  if (marks.deployment !== null) return marks;
  const found = await deploymentsOf(api, look.projectId, { ...rollout, to: marks.release });
  if ("refused" in found) return failed(found.refused);
  return { ...marks, deployment: found.find(({ id }) => !marks.dead.includes(id))?.id ?? null };
}

/** Nothing was there before, and nothing stays: a deployment that is deleted takes its addresses with it. */
async function takeAway(
  parts: VercelTargetParts,
  rollout: Rollout,
  look: VercelLook,
  marks: HostedMarks,
): Promise<Progress> {
  const { ledger, api } = parts;
  const mine = marks.deployment;
  const isThere = Object.values(look.addresses).includes(mine) || marks.asked !== null || rollout.desired === 0;
  if (mine !== null && isThere) {
    const answer = await api.call({ method: "DELETE", path: `/v13/deployments/${encodeURIComponent(mine)}` });
    if (!answer.ok && answer.refusal.status !== 404) return failed(answer.refusal.sentence);
  }
  if (rollout.desired === 0) await ledger.forget(rollout.token);
  else await ledger.write(rollout.token, { ...marks, deployment: null, isBack: true });
  return { phase: "succeeded" };
}
