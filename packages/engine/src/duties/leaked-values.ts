import type { Credential, Evidence, EvidenceFacts, SecretFacts } from "@fairway/core";

/** What is put on record of a value that leaked, so that nobody can say it was exchanged while it is still given: its place. */
export function placeOfLeak(
  duty: string,
  environment: string | null,
  credentials: readonly Credential[],
  stored: readonly SecretFacts[],
): EvidenceFacts {
  const name = credentials.find(({ id }) => duty.startsWith(`credential/${id}@`))?.store ?? null;
  const kept = name === null ? undefined : givenBy(stored, environment, name);
  return kept === undefined ? {} : { leaked_secret: kept.name, leaked_version: kept.current };
}

/**
 * Why an exchange cannot be said to be done: the store still gives the value that leaked. Null where nothing is known against
 * it.
 */
export function leakObstacle(
  told: readonly Evidence[],
  environment: string | null,
  stored: readonly SecretFacts[],
): string | null {
  for (const { facts } of told) {
    const { leaked_secret: name, leaked_version: version } = facts;
    if (typeof name !== "string") continue;
    if (givenBy(stored, environment, name)?.current === version)
      return `version ${String(version)} of ${name} leaked, and it is the one that is given`;
  }
  return null;
}

/** An environment's own secret, or else the one that all have. */
const givenBy = (stored: readonly SecretFacts[], environment: string | null, name: string): SecretFacts | undefined =>
  stored.find((one) => one.name === name && one.environment === environment) ??
  stored.find((one) => one.name === name && one.environment === null);
