import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Environment, Release, ReleaseId, Repository, SecretSource, SyntheticCheck, Value } from "@fairway/core";
import { environmentOf } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import { urlVariable } from "../rollouts/url-variable.ts";
import type { Places } from "../rollouts/places.ts";
import { softDeadline } from "../rollouts/run-verify.ts";
import { valuesOf } from "../stages/step-command.ts";
import type { Store } from "../store/store.ts";
import type { SyntheticTurn } from "../store/synthetic-turns.ts";
import { addressesOf } from "./addresses-of.ts";
import type { JourneyWork } from "./make-journey.ts";

/** What journeys are worked out from. */
export interface JourneyParts {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Repository;
  readonly secrets: SecretSource;
  readonly places: Pick<Places, "commandOf" | "internalUrl">;
  readonly environments: () => Promise<readonly string[]>;
  /** The release that an environment runs. */
  readonly current: (environment: string) => Promise<Release | null>;
  /** Throws `not_found`. */
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
}

/** A journey that is to be made, of the release that runs. */
export interface WantedJourney {
  readonly release: Release;
  readonly environment: Environment;
  readonly journey: SyntheticCheck;
}

/** What tells one turn from the others. */
export type TurnName = Pick<SyntheticTurn, "environment" | "name" | "location">;

export const keyOfTurn = ({ environment, name, location }: TurnName): string => `${environment}/${name}/${location}`;

/** Every journey of what runs now, with its places, by the keys of their turns. */
export async function wantedJourneys({
  environments,
  current,
}: Pick<JourneyParts, "environments" | "current">): Promise<
  ReadonlyMap<string, WantedJourney & { readonly turn: TurnName }>
> {
  const wanted = new Map<string, WantedJourney & { readonly turn: TurnName }>();
  for (const name of await environments()) {
    const release = await current(name);
    const environment = release === null ? undefined : environmentOf(release.project, name);
    if (release === null || environment === undefined) continue;
    for (const journey of environment.synthetics ?? [])
      for (const location of journey.locations) {
        const turn = { environment: name, name: journey.name, location };
        wanted.set(keyOfTurn(turn), { turn, release, environment, journey });
      }
  }
  return wanted;
}

/** All that is needed to make a journey, with the values of the secrets that it names. */
export async function journeyWork(
  { secrets, places }: Pick<JourneyParts, "secrets" | "places">,
  location: string,
  { release, environment, journey }: WantedJourney,
): Promise<JourneyWork> {
  const { url, services } = addressesOf(places, release.project, environment);
  const given: Readonly<Record<string, Value>> = {
    ...Object.fromEntries(Object.entries(services).map(([service, address]) => [urlVariable(service), address])),
    ...environment.variables,
    ...(url === undefined ? {} : { FAIRWAY_URL: url }),
    FAIRWAY_ENVIRONMENT: environment.name,
    FAIRWAY_RELEASE: release.id,
    FAIRWAY_LOCATION: location,
    FAIRWAY_SERVICES: JSON.stringify(services),
    FAIRWAY_DEADLINE: String(softDeadline(journey.timeout)),
    GIT_SHA: release.revision.sha,
    ...journey.env,
  };
  const { name, argv, timeout } = journey;
  const secret = await valuesOf(secrets, environment.name, given);
  return { name, argv, timeout, env: open(given), secrets: secret };
}

const open = (given: Readonly<Record<string, Value>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => typeof one[1] === "string"));

/** The commit of a release, checked out once for all its journeys: what is half done is never taken for whole. */
export async function checkoutOf(
  { data, repository }: Pick<JourneyParts, "data" | "repository">,
  { revision: { sha } }: Release,
): Promise<string> {
  const folder = join(data.checks, "checkouts", sha);
  if (existsSync(folder)) return folder;
  const fresh = join(data.checks, "checkouts", `.${sha}-${randomUUID()}`);
  await mkdir(join(data.checks, "checkouts"), { recursive: true, mode: 0o700 });
  await repository.checkout(sha, fresh);
  await rename(fresh, folder).catch(async (thrown: unknown) => {
    await rm(fresh, { recursive: true, force: true });
    // Another journey of the same release was first.
    if (!existsSync(folder)) throw thrown;
  });
  return folder;
}

/** Takes the commits away whose releases run nowhere any more. */
export async function forgetCheckouts(
  { data }: Pick<JourneyParts, "data">,
  running: ReadonlySet<string>,
): Promise<void> {
  const folder = join(data.checks, "checkouts");
  for (const name of existsSync(folder) ? await readdir(folder) : [])
    if (!running.has(name)) await rm(join(folder, name), { recursive: true, force: true });
}
