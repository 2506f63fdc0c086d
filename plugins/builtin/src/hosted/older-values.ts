import type { ComingRollout } from "@fairway/core";
import { messageOf } from "@fairway/core";

/** What a release would come back as, and whether it has the values of now. */
export interface ComesBack {
  readonly as: string;
  readonly isOfNow: () => Promise<boolean>;
}

/**
 * What should be known of a release that comes back on a platform: it has the variables and secrets that it was made with, some
 * of which may have been exchanged or revoked since. It never throws: a way back waits for no value.
 */
export async function olderValues(
  { to, environment }: Pick<ComingRollout, "to" | "environment">,
  back: ComesBack,
): Promise<readonly string[]> {
  const older = `${to} comes back as ${back.as}, with the variables and secrets that it was made with`;
  try {
    if (await back.isOfNow()) return [];
    return [
      `${older}, and some have changed since; once it is back, \`fairway deploy ${environment} ${to}\` gives it those of now`,
    ];
  } catch (thrown) {
    return [`${older}; whether they are those of now is not known: ${messageOf(thrown)}`];
  }
}
