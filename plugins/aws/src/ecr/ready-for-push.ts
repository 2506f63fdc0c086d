import type { Millis, RegistryLogin } from "@fairway/core";
import type { AwsSession } from "../session/aws-session.ts";
import type { EcrLogin } from "./ecr-repository.ts";
import { ecrHost, ecrLogin, ensureRepository } from "./ecr-repository.ts";

const hour: Millis = 3_600_000;

/**
 * Makes a repository of ECR ready to be pushed to, and gives a login to it; null for registries of others. A login is kept
 * until an hour before its end, and a repository is looked for once for each daemon.
 */
export function readyForPush(
  sessionOf: (account: string, region: string) => AwsSession,
  now: () => Millis = Date.now,
): (host: string, repository: string) => Promise<RegistryLogin | null> {
  const logins = new Map<string, EcrLogin>();
  const ready = new Set<string>();
  return async (host, repository) => {
    const place = ecrHost(host);
    if (place === null) return null;
    const session = sessionOf(place.account, place.region);
    const name = `${host}/${repository}`;
    if (!ready.has(name)) {
      await ensureRepository(session, repository);
      ready.add(name);
    }
    const kept = logins.get(host);
    if (kept !== undefined && kept.until - hour > now()) return kept.login;
    const given = await ecrLogin(session);
    logins.set(host, given);
    return given.login;
  };
}
