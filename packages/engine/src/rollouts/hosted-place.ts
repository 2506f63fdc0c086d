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
      return {
        directory: artifactDirectory(part.artifact, parts.data.artifacts),
        sha: of.revision.sha,
        env: {
          ...Object.fromEntries(open),
          ...(await values(given)),
          GIT_SHA: of.revision.sha,
          FAIRWAY_RELEASE: id,
          FAIRWAY_ENVIRONMENT: environment,
          FAIRWAY_SERVICE: name,
        },
      };
    },
    secret: secretOf(environment, values),
  };
}

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
