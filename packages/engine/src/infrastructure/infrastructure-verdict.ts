import type { ReleaseId, ResourceChange, RollbackVerdict } from "@fairway/core";
import type { KeptPlan } from "../store/infrastructure-plans.ts";

/** What was done to the infrastructure of an environment since a release was applied there, the oldest first. */
export interface AppliedSince {
  readonly release: ReleaseId;
  readonly plans: readonly Pick<KeptPlan, "stack" | "plan">[];
}

/**
 * What becomes of infrastructure on the way back. A state is never put back: the earlier release's code is planned against
 * what there is. What was taken away since can be made anew, but not what it held; that is named.
 */
export const infrastructureVerdict = (
  { release, plans }: AppliedSince,
  { kind }: Parameters<RollbackVerdict>[0],
): ReturnType<RollbackVerdict> => {
  if (kind !== "infrastructure" || plans.length === 0) return null;
  const made = new Set<string>();
  const changed = new Set<string>();
  const lost = new Set<string>();
  let isUnread = false;
  for (const { stack, plan } of plans) {
    isUnread ||= plan.shown !== undefined;
    for (const { address, action } of plan.changes) note(`${stack}: ${address}`, action);
  }
  const parts = [
    told(
      lost,
      "was taken away since and is made anew without what it held",
      "were taken away since and are made anew without what they held",
    ),
    told(
      made,
      "was made since and would be taken away, which is asked about",
      "were made since and would be taken away, which is asked about",
    ),
    told(changed, "would be changed back", "would be changed back"),
    ...(isUnread ? ["what the commands did since cannot be read"] : []),
  ].filter((part) => part !== null);
  return {
    way: lost.size > 0 ? "irreversible" : "compensate",
    // The services are back before, so nobody waits for it.
    expected: 0,
    note: `the code of ${release} is planned against the state as it is, once the services are back${parts.length === 0 ? "" : `; ${parts.join("; ")}`}`,
  };

  function note(name: string, action: ResourceChange["action"]): void {
    if (action === "create") {
      if (!lost.has(name)) made.add(name);
    } else if (action === "destroy") {
      if (!made.delete(name)) lost.add(name);
      changed.delete(name);
    } else if (action === "replace") {
      if (!made.has(name)) lost.add(name);
    } else if (action === "update" && !made.has(name) && !lost.has(name)) changed.add(name);
  }
};

const most = 8;

function told(names: ReadonlySet<string>, one: string, several: string): string | null {
  if (names.size === 0) return null;
  const shown = [...names].slice(0, most).join(", ");
  const more = names.size > most ? ` and ${names.size - most} more` : "";
  return `${shown}${more} ${names.size === 1 ? one : several}`;
}
