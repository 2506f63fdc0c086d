import type { MeShape } from "@fairway/api";
import type { Permission, Possible } from "@fairway/core";
import { deeds } from "@fairway/core";

/** Whether somebody may do something in a place, from what the server said about them. */
export function mayOf(
  me: Pick<MeShape, "name" | "may" | "somewhere"> | undefined,
  permission: Permission,
  environment?: string | null,
): Possible {
  if (me === undefined) return { possible: false, reason: "it is not known yet who you are" };
  if (environment === undefined)
    return me.somewhere.includes(permission)
      ? { possible: true }
      : { possible: false, reason: `${me.name} may not ${deeds[permission]} here` };
  const place = me.may.find((each) => each.environment === environment);
  if (place?.allowed.includes(permission) === true) return { possible: true };
  const refused = place?.refused.find((each) => each.permission === permission);
  return {
    possible: false,
    reason: refused?.reason ?? `${me.name} may not ${deeds[permission]} in ${environment ?? "all of it"}`,
  };
}

/** The first of several that says no; yes when none does. */
export const allOf = (...answers: readonly Possible[]): Possible =>
  answers.find((answer) => !answer.possible) ?? { possible: true };
