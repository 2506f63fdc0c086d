import type { ControllerPlan, ControllerSwitch, EcsPlacement } from "@fairway/core";
import { environmentOf, FairwayError } from "@fairway/core";
import { recordChange } from "@fairway/engine";
import type { EnvironmentParts } from "../environments.ts";
import type { Handlers } from "./http-server.ts";

/** Asked of a service on ECS as the newest configuration has it, and put on record. Never in the middle of a deployment. */
export function controllerHandlers(
  parts: Pick<EnvironmentParts, "project" | "store" | "control" | "places">,
): Pick<Handlers, "controllerPlan" | "switchController"> {
  async function switchOf(environment: string, service: string): Promise<ControllerSwitch> {
    const project = await parts.project();
    const ecs: EcsPlacement | undefined = environmentOf(project, environment)?.placements.find(
      (placement) => placement.service === service,
    )?.ecs;
    if (ecs === undefined || parts.places.controllerOf === undefined)
      throw new FairwayError("not_found", `${service} of ${environment} does not run on ECS`, {
        hint: "name it under `ecs` of the environment",
      });
    return parts.places.controllerOf(ecs);
  }
  return {
    controllerPlan: async ({ environment, service, role, withoutHooks }) =>
      planOf(
        await (
          await switchOf(environment, service)
        ).plan({ role: role ?? null, withoutHooks: withoutHooks === "true" }),
      ),
    async switchController({ environment, service, role, withoutHooks, digest }) {
      const isFree = async (): Promise<void> => {
        const holder = (await parts.control.engine.locks()).find((lock) => lock.environment === environment)?.holder;
        if (holder)
          throw new FairwayError("not_allowed_now", `${holder.run} changes ${environment}: ${holder.title}`, {
            hint: "wait until it has ended",
          });
      };
      await isFree();
      const made = await switchOf(environment, service);
      const wish = { role, withoutHooks };
      const plan = await made.plan(wish);
      const record = (action: "controller.switching" | "controller.switched"): Promise<void> =>
        parts.store.transaction(async (tx) =>
          recordChange(tx, action, {
            subject: service,
            environment,
            detail: { changes: plan.changes, back: plan.back },
          }),
        );
      // Before it is changed: whoever is killed in the middle leaves on record what was under way, and how it goes back.
      if (plan.refusals.length === 0 && plan.digest === digest) await record("controller.switching");
      await made.change(wish, digest, isFree);
      await record("controller.switched");
      return planOf(plan);
    },
  };
}

const planOf = ({ digest, refusals, changes, after, back }: ControllerPlan) => ({
  digest,
  refusals: [...refusals],
  changes: [...changes],
  after: [...after],
  back: [...back],
});
