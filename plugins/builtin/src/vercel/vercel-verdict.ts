import type { HostedMarks } from "@fairway/core";
import type { VercelLook } from "./vercel-look.ts";

/** Where a project's addresses stand with a rollout. Only `ours` is green: every address leads to this very deployment. */
export type VercelVerdict =
  | { readonly is: "ours" }
  /** Nobody has moved them yet. */
  | { readonly is: "free" }
  /** A rolling release of ours is under way. */
  | { readonly is: "rolling"; readonly percent: number; readonly stage: number; readonly isPaused: boolean }
  | { readonly is: "moving"; readonly message: string }
  | { readonly is: "failed"; readonly reason: string }
  | { readonly is: "superseded"; readonly reason: string };

/** Of a rollout whose deployment is known. Decides from one look alone, so it may be asked again at any time. */
export function vercelVerdict(
  { addresses, request, rolling }: VercelLook,
  marks: Pick<HostedMarks, "deployment" | "before" | "asked" | "stages">,
): VercelVerdict {
  const mine = marks.deployment;
  // What was requested since we asked; what is older is of somebody before us.
  const newer = request !== null && request.requestedAt > (marks.asked ?? 0) && marks.asked !== null ? request : null;
  if (newer !== null && newer.to === mine && isOpen(newer.status))
    return { is: "moving", message: "Vercel moves the domains" };
  if (rolling !== null && rolling.canary === mine)
    return { is: "rolling", percent: rolling.percent, stage: rolling.stage, isPaused: rolling.isPaused };
  const all = Object.entries(addresses);
  if (all.length > 0 && all.every(([, deployment]) => deployment === mine)) return { is: "ours" };
  if (rolling !== null)
    return {
      is: "superseded",
      reason: `superseded: a rolling release of ${rolling.canary} is under way, which this rollout did not begin`,
    };
  const strange = all.find(
    ([address, deployment]) => deployment !== mine && deployment !== (marks.before[address] ?? null),
  );
  if (strange !== undefined)
    return {
      is: "superseded",
      reason: `superseded: ${strange[0]} leads to ${strange[1] ?? "nothing"}, which this rollout did not bring there`,
    };
  if (marks.stages === "completing")
    return { is: "moving", message: "the rolling release is complete, and not every domain leads there yet" };
  if (marks.stages === "seen")
    return { is: "failed", reason: "the rolling release was ended on Vercel before it was complete" };
  if (newer === null) return { is: "free" };
  if (newer.to !== mine)
    return { is: "superseded", reason: `superseded: somebody asked Vercel for ${newer.to} (${newer.type}) meanwhile` };
  if (newer.status === "failed" || newer.status === "skipped")
    return { is: "failed", reason: `Vercel did not move the domains: the ${newer.type} ${newer.status}` };
  // It says that it is done; the addresses say otherwise, and they are what people reach.
  return { is: "moving", message: `Vercel says that the ${newer.type} is done, and not every domain leads there yet` };
}

/** Where they stand with the way back. */
export function vercelBack(
  { addresses, request, rolling }: VercelLook,
  marks: Pick<HostedMarks, "deployment" | "before" | "askedBack">,
): "back" | "ours" | "rolling" | "moving" | "failed" | "somebody else's" {
  const mine = marks.deployment;
  if (request !== null && isOpen(request.status)) return "moving";
  if (rolling !== null) return rolling.canary === mine ? "rolling" : "somebody else's";
  const all = Object.entries(addresses);
  if (all.every(([address, deployment]) => deployment === (marks.before[address] ?? null))) return "back";
  const isStrange = all.some(
    ([address, deployment]) => deployment !== mine && deployment !== (marks.before[address] ?? null),
  );
  if (isStrange) return "somebody else's";
  const asked = marks.askedBack !== null && request !== null && request.requestedAt > marks.askedBack;
  return asked && (request.status === "failed" || request.status === "skipped") ? "failed" : "ours";
}

/** Whether a request is still under way. */
export const isOpen = (status: string): boolean => status === "pending" || status === "in-progress";
