import { environmentOf, FairwayError } from "@fairway/core";
import type { EnvironmentParts } from "../environments.ts";
import type { Handlers } from "./http-server.ts";

/** Asked of the account that the newest configuration names for the environment. */
export const accessHandlers = (
  parts: Pick<EnvironmentParts, "project" | "places">,
): Pick<Handlers, "accessReport"> => ({
  async accessReport({ environment, used }) {
    const found = environmentOf(await parts.project(), environment);
    const access = found?.aws?.access ?? found?.placements.find(({ ecs }) => ecs !== undefined)?.ecs;
    if (access === undefined || parts.places.accessReport === undefined)
      throw new FairwayError("not_found", `${environment} is in no account of AWS`, {
        hint: "name one under `aws` of the environment",
      });
    const { system, at, principals } = await parts.places.accessReport(access, { used: used === "true" });
    return {
      system,
      at,
      principals: principals.map(({ access: may, used: lately, concerns, ...of }) => ({
        ...of,
        access: [...may],
        used: lately === null ? null : [...lately],
        concerns: [...concerns],
      })),
    };
  },
});
