import type { Actor, InputValue, Trigger } from "@fairway/core";
import { actorLabel, FairwayError } from "@fairway/core";
import { recordAudit } from "../store/audit.ts";
import type { Store } from "../store/store.ts";
import type { Firing } from "../store/trigger-firings.ts";
import { firingByKey, keepFirings } from "../store/trigger-firings.ts";
import type { TriggerProject } from "./trigger-project.ts";

/** Keeps a firing of a person or a program, with who it was on record; by a key of their own there is one. */
export async function fireByHand(
  store: Store,
  trigger: Trigger,
  inputs: Readonly<Record<string, InputValue>>,
  actor: Actor,
  key: string | null,
  { branch, sha }: TriggerProject,
): Promise<Firing> {
  const unique = `${trigger.name} by ${actor.kind} ${actor.id} ${key ?? crypto.randomUUID()}`;
  return store.transaction(async (tx) => {
    const [fresh] = await keepFirings(tx, [
      {
        key: unique,
        trigger: trigger.name,
        cause: actor.kind === "token" ? "api" : "manual",
        ref: `refs/heads/${branch}`,
        sha,
        by: actorLabel(actor),
        asked: { requester: actor },
        request: { source: "configuration", trigger, inputs },
        document: null,
        state: "pending",
        why: actor.kind === "token" ? "by the API" : "by hand",
      },
    ]);
    const firing = fresh ?? (await firingByKey(tx, unique));
    if (firing === null) throw new FairwayError("internal", "a firing that was kept is not there");
    if (fresh !== undefined)
      recordAudit(tx, {
        actor,
        action: "trigger.fired",
        subject: trigger.name,
        environment:
          trigger.starts.kind === "deploy" || trigger.starts.kind === "plan" ? trigger.starts.environment : null,
        detail: { firing: firing.number, inputs: Object.keys(inputs) },
      });
    return firing;
  });
}
