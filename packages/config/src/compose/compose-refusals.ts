import { pinnedImage } from "@fairway/core";
import { nameFrom } from "../name-from.ts";
import { isRecord } from "../path.ts";
import { textOf } from "./compose-values.ts";
import type { DataStore } from "./data-stores.ts";
import { asObject, type Compose, type ComposeService } from "./read-compose.ts";

/** What to do about a service that keeps data. */
export function adviceOn(name: string, { is, isPostgres }: DataStore, compose: Compose): string {
  const users = compose.services.filter(({ keys }) => Object.hasOwn(asObject(keys["depends_on"]), name));
  const whose = users.length === 0 ? "a service that uses it" : users.map((user) => user.name).join(", ");
  return isPostgres
    ? `Fairway has PostgreSQL: database: true gives ${whose} one of its own in each environment, as DATABASE_URL`
    : `keeps data (${is}), and is not deployed with each commit: run it beside, and give ${whose} its address`;
}

/** Why a service is not proposed at all; null when it is. */
export function refusalOf({ name, keys }: ComposeService): string | null {
  const { image, build, profiles } = keys;
  if (Array.isArray(profiles) && profiles.length > 0)
    return `runs only with the profile ${profiles.map(textOf).join(" or ")}, so it is left out`;
  const context = contextOf(keys);
  if (context !== null && (/^[a-z+]+:\/\/|^git@/u.test(context) || context.startsWith("/") || context.startsWith("..")))
    return `is built from ${context}, which is not in this repository`;
  if (isRecord(build) && build["dockerfile_inline"] !== undefined)
    return "has its Dockerfile in the compose file: put it into a file of its own";
  if (build !== undefined) return null;
  if (typeof image !== "string")
    return keys["extends"] === undefined
      ? "has neither image nor build"
      : "extends a service of another file: write it out";
  return pinnedImage(image) === null
    ? `runs ${image}, a name that may mean other bytes tomorrow: name it by its digest (${image.split(":")[0]}@sha256:…) as container.image of ${nameFrom(name)}`
    : null;
}

/** The folder that a service is built from; null when it is not built. */
export function contextOf({ build }: ComposeService["keys"]): string | null {
  if (typeof build === "string") return build;
  if (!isRecord(build)) return null;
  return typeof build["context"] === "string" ? build["context"] : ".";
}
