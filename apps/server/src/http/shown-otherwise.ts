import type { DutyPlan } from "@fairway/core";
import { disclosureDuty, FairwayError, noticeDuty } from "@fairway/core";

const ways = {
  [disclosureDuty]: { file: "disclosures.yaml", hint: "say yes to what users see: fairway disclosures approve" },
  [noticeDuty]: { file: "notice.yaml", hint: "each role says that it has the pack: fairway notice receive" },
} as const;

/**
 * What is bound to what people have read is not shown by a word alone, though anybody may say that it is not so. Throws
 * `not_allowed_now`.
 */
export function assertShownOtherwise(
  { duties }: DutyPlan,
  { duty: id, outcome }: { readonly duty: string; readonly outcome: string },
): void {
  if (!Object.hasOwn(ways, id) || outcome !== "passed") return;
  const { file, hint } = ways[id as keyof typeof ways];
  const isOfFile = duties.some((duty) => duty.id === id && duty.place.file.endsWith(file));
  if (isOfFile) throw new FairwayError("not_allowed_now", `${id} is not shown by a word alone`, { hint });
}
