import type { Progress, Release, Target } from "@fairway/core";
import { environmentOf, messageOf, secretScopeOf } from "@fairway/core";
import { maskText } from "../workflows/mask-text.ts";
import type { PlaceParts } from "./place-of.ts";
import { placeOf, secretsAsGiven } from "./place-of.ts";

/** The target of a service as its release describes it, in whose words no secret of the environment can be read. */
export const targetOfService = (
  parts: PlaceParts,
  release: Release,
  environment: string,
  service: string,
  signal?: AbortSignal,
): Target =>
  maskedTarget(parts.places.targetOf(placeOf(parts, release, environment, service), signal), () =>
    secretsKnown(parts, release, environment, service),
  );

/**
 * A target in all whose words these values are hidden: platforms tell the last lines of what ended, and services write what
 * they like. What cannot be masked because the values could not be read is not shown.
 */
export function maskedTarget(target: Target, secrets: () => Promise<readonly string[]>): Target {
  let known: Promise<readonly string[]> | null = null;
  const hidden = async (text: string): Promise<string> => {
    if (text === "") return text;
    try {
      return maskText(text, await (known ??= secrets()));
    } catch (thrown) {
      known = null;
      return `what is said of it is not shown, because the secrets that might be in it could not be read: ${messageOf(thrown)}`;
    }
  };
  const told = async (progress: Progress): Promise<Progress> => {
    switch (progress.phase) {
      case "moving":
        return { ...progress, message: await hidden(progress.message) };
      case "succeeded":
        return progress;
      case "failed":
        return { ...progress, reason: await hidden(progress.reason) };
    }
  };
  const { preflight, fence, hold, keep, rest, endIdle } = target;
  return {
    kind: target.kind,
    strategies: target.strategies,
    observe: () => target.observe(),
    advance: async (rollout, facts) => told(await target.advance(rollout, facts)),
    abort: async (rollout) => told(await target.abort(rollout)),
    ...(preflight === undefined
      ? {}
      : {
          preflight: async (rollout) => {
            const { refusals, warnings, forNow } = await preflight.call(target, rollout);
            return {
              refusals: await Promise.all(refusals.map(hidden)),
              warnings: await Promise.all(warnings.map(hidden)),
              ...(forNow === undefined ? {} : { forNow: await Promise.all(forNow.map(hidden)) }),
            };
          },
        }),
    ...(fence === undefined ? {} : { fence: (token) => fence.call(target, token) }),
    ...(hold === undefined ? {} : { hold: async (rollout) => told(await hold.call(target, rollout)) }),
    ...(keep === undefined ? {} : { keep: (wanted, start) => keep.call(target, wanted, start) }),
    ...(rest === undefined ? {} : { rest: (wanted) => rest.call(target, wanted) }),
    ...(endIdle === undefined ? {} : { endIdle: (wanted, warm) => endIdle.call(target, wanted, warm) }),
  };
}

/**
 * The values of every secret that a release names for an environment, now and as it was given them; a name without one is left
 * out.
 */
async function secretsKnown(
  parts: PlaceParts,
  release: Release,
  environment: string,
  service: string,
): Promise<readonly string[]> {
  const { project, id } = release;
  const scope = secretScopeOf(project, environment);
  const names = [...new Set(namesIn([project.services, environmentOf(project, environment), project.registry]))];
  const given = await secretsAsGiven(parts, id, environment);
  const values =
    scope === null || names.length === 0
      ? []
      : await Promise.all([parts.secrets, given].map((source) => source.lookUp(scope, names)));
  const outputs = await parts.stackOutputs?.(release, environment, service);
  const hasDatabase = project.services.some(({ name, database }) => name === service && database);
  const address = hasDatabase ? await parts.places.databaseUrl(environment, service) : null;
  return [
    ...values.flatMap((found) => Object.values(found)),
    ...(outputs?.secrets ?? []),
    ...inAddress(address),
  ].filter((one) => one !== "");
}

/** An address with a password, and the password as it is written in it. */
function inAddress(address: string | null): readonly string[] {
  const password = address === null || !URL.canParse(address) ? "" : new URL(address).password;
  return address === null || password === "" ? [] : [address, password, decodeURIComponent(password)];
}

/** Every name in the place of a value: `{ secret: "TOKEN" }`, wherever it stands. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const { secret } = value as { readonly secret?: unknown };
  return [...(typeof secret === "string" ? [secret] : []), ...Object.values(value).flatMap(namesIn)];
}
