import { createHmac } from "node:crypto";
import type { HostedLedger, Placement, Release, ReleaseId, SecretSource, Service, Value } from "@fairway/core";
import { environmentOf, FairwayError, scopeOf, secretScopeOf } from "@fairway/core";
import { artifactDirectory } from "../artifacts/store-artifact.ts";
import type { DataDirectory } from "../data-directory.ts";
import { valuesOf } from "../stages/step-command.ts";
import type { HostedPlace } from "./places.ts";

interface HostedPlaceParts {
  readonly data: DataDirectory;
  readonly secrets: SecretSource;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
}

/** What of a service is of a release and what of an environment, as a platform is given it. */
interface WantedThere {
  readonly service: Service;
  readonly placement: Placement;
}

/** Where a platform serves a service, and what each release gives it. Null where none does. */
export function hostedPlace(
  parts: HostedPlaceParts,
  ledger: HostedLedger,
  { release, environment, name }: { readonly release: Release; readonly environment: string; readonly name: string },
  wantedIn: (release: Release) => WantedThere,
): HostedPlace | null {
  const { hosted } = wantedIn(release).placement;
  if (hosted === undefined) return null;
  const scope = secretScopeOf(release.project, environment);
  const values = (wanted: Readonly<Record<string, Value>>): Promise<Readonly<Record<string, string>>> =>
    scope === null ? Promise.resolve({}) : valuesOf(parts.secrets, scope, wanted);
  const secret = secretOf(environment, values);
  return {
    environment,
    service: name,
    scope: scopeOf(environment, name),
    placement: hosted,
    ledger,
    async bundleOf(id) {
      const of = await parts.releaseOf(id);
      const part = of.parts.find((candidate) => candidate.service === name);
      if (part === undefined) throw new FairwayError("not_found", `release ${id} has no artifact of "${name}"`);
      const { service, placement } = wantedIn(of);
      const given = { ...environmentOf(of.project, environment)?.variables, ...service.env, ...placement.env };
      const open = Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === "string");
      const env = {
        ...Object.fromEntries(open),
        ...(await values(given)),
        GIT_SHA: of.revision.sha,
        FAIRWAY_RELEASE: id,
        FAIRWAY_ENVIRONMENT: environment,
        FAIRWAY_SERVICE: name,
      };
      return {
        directory: artifactDirectory(part.artifact, parts.data.artifacts),
        sha: of.revision.sha,
        env,
        variables: variablesDigest(env, await secret(hosted.token)),
      };
    },
    secret,
  };
}

/**
 * What tells variables from others where the platform shows it. Of the values, for a store outside changes what is behind a
 * reference without a word; with the platform's own token as its key, so that nobody who only reads it can try out values.
 */
const variablesDigest = (env: Readonly<Record<string, string>>, key: string): string =>
  createHmac("sha256", key)
    .update(JSON.stringify(Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .digest("hex");

/** A service that is to end, of no release any more. */
export const endingHostedPlace = (
  { secrets }: Pick<HostedPlaceParts, "secrets">,
  ledger: HostedLedger,
  at: Pick<HostedPlace, "environment" | "service" | "placement">,
  secretScope: string,
): HostedPlace => ({
  ...at,
  scope: scopeOf(at.environment, at.service),
  ledger,
  bundleOf: (id) => Promise.reject(new FairwayError("internal", `${at.environment} is ended, and gets no ${id}`)),
  secret: secretOf(at.environment, (wanted) => valuesOf(secrets, secretScope, wanted)),
});

const secretOf =
  (
    environment: string,
    values: (wanted: Readonly<Record<string, Value>>) => Promise<Readonly<Record<string, string>>>,
  ) =>
  async (secret: string): Promise<string> => {
    const { value } = await values({ value: { secret } });
    if (value === undefined)
      throw new FairwayError("secret_missing", `${environment} has no secret ${secret}`, {
        hint: `fairway secrets set ${secret} --env ${environment}`,
      });
    return value;
  };
