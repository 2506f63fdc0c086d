import { rm } from "node:fs/promises";
import type {
  Environment,
  EnvironmentCheck,
  Millis,
  PlatformQuestion,
  Release,
  Repository,
  Value,
} from "@fairway/core";
import { ownLocation, serviceOf, warmTimeOf } from "@fairway/core";
import type { Asked } from "../checks/ask-check.ts";
import { askCheck, keepFiles } from "../checks/ask-check.ts";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { CommandParts } from "../stages/step-command.ts";
import type { CheckOccasion } from "../store/check-results.ts";
import { figuresOfBefore, keepCheckResult } from "../store/check-results.ts";
import type { Store } from "../store/store.ts";
import type { PlaceParts } from "./place-of.ts";
import { urlVariable } from "./url-variable.ts";

/** What the checks that verify an environment need. */
export type VerifyParts = PlaceParts &
  CommandParts & {
    readonly repository: Repository;
    /** Where what they found is kept. */
    readonly store: Store;
  };

/** What is to be verified, and where it is reached. */
export interface ToVerify {
  readonly environment: Environment;
  readonly release: Release;
  /** Where its commit is checked out, under the run's own folder. */
  readonly workspace: string;
  /** Before the names of its steps, where the job has others. */
  readonly prefix?: string;
  /** What the commands find as `FAIRWAY_URL`; absent where the environment has none. */
  readonly url?: string;
  /** Where each service is reached, by name. */
  readonly services: Readonly<Record<string, string>>;
  /** Where the release before is reached, by service; absent where it does not run beside this one. */
  readonly stable?: Readonly<Record<string, string>>;
}

/** Checks out a release's commit, into the run's own folder. */
export async function checkOutRelease(
  parts: VerifyParts,
  attempt: Attempt,
  { release, workspace: folder, prefix = "" }: Pick<ToVerify, "release" | "workspace" | "prefix">,
): Promise<string> {
  const workspace = parts.data.workspace(attempt.run, folder);
  await attempt.step(`${prefix}checkout`, async () => {
    await rm(workspace, { recursive: true, force: true });
    await parts.repository.checkout(release.revision.sha, workspace);
    return null;
  });
  return workspace;
}

/** Asks the environment's checks at the release's commit. The first that does not say yes is the answer. */
export async function runVerify(parts: VerifyParts, attempt: Attempt, toVerify: ToVerify): Promise<Outcome> {
  const { environment, prefix = "" } = toVerify;
  const workspace = await checkOutRelease(parts, attempt, toVerify);
  for (const check of environment.verify) {
    const step = `${prefix}${check.name}`;
    const asked = await askAndKeep(parts, attempt, toVerify, {
      check,
      step,
      workspace,
      retries: check.retries ?? 0,
      occasion: "deployment",
    });
    if (asked.status !== "passed") return { outcome: "failed", reason: `${check.name}: ${asked.summary}` };
  }
  return { outcome: "succeeded", result: null };
}

/** Asks one check and keeps what it found, whatever that is. */
export async function askAndKeep(
  parts: VerifyParts,
  attempt: Attempt,
  toVerify: ToVerify,
  ask: {
    readonly check: EnvironmentCheck;
    readonly step: string;
    readonly workspace: string;
    readonly retries: number;
    readonly occasion: CheckOccasion;
    /** The label of where it is asked from; `here` when left out. */
    readonly location?: string;
  },
): Promise<Asked> {
  const { environment, release } = toVerify;
  const { check, step, occasion, location = ownLocation } = ask;
  const from: Readonly<Record<string, Value>> = check.kind === "journey" ? { FAIRWAY_LOCATION: location } : {};
  const env = { ...(await variablesOf(parts, toVerify, check)), ...from };
  const asked = await askCheck(parts, attempt, {
    ...ask,
    env,
    secretsOf: environment.name,
    ...(check.platform === undefined ? {} : { question: { environment: environment.name, images: imagesOf(release) } }),
  });
  await attempt.step(`${step} kept`, async () => {
    const id = await keepCheckResult(parts.store, {
      key: `${attempt.id}/${step}`,
      environment: environment.name,
      release: release.id,
      name: check.name,
      kind: check.kind ?? "command",
      occasion,
      location,
      status: asked.status,
      summary: asked.summary,
      tests: asked.tests,
      flaky: asked.flaky,
      figures: asked.figures,
      files: asked.files,
      run: attempt.run,
      startedAt: asked.startedAt,
      took: asked.took,
    });
    await keepFiles(asked.folder, asked.files, parts.data.checkFiles(id));
    return id;
  });
  return asked;
}

/** Of services that have one, by the digest that is deployed. */
const imagesOf = ({ parts }: Release): PlatformQuestion["images"] =>
  parts.flatMap(({ service, image, artifact }) => (image === undefined ? [] : [{ service, image, digest: artifact }]));

/** What every check finds in its environment: what is asked, of which release, where. */
async function variablesOf(
  parts: VerifyParts,
  { environment, release, url, services, stable }: ToVerify,
  { name, kind, timeout }: EnvironmentCheck,
): Promise<Readonly<Record<string, Value>>> {
  const { sha } = release.revision;
  const urls = Object.entries(services).map(([service, address]) => [urlVariable(service), address]);
  const baseline =
    kind === "load"
      ? await figuresOfBefore(parts.store, { environment: environment.name, name, release: release.id })
      : null;
  return {
    ...(Object.fromEntries(urls) as Readonly<Record<string, string>>),
    ...environment.variables,
    ...(url === undefined ? {} : { FAIRWAY_URL: url }),
    FAIRWAY_ENVIRONMENT: environment.name,
    FAIRWAY_RELEASE: release.id,
    GIT_SHA: sha,
    ...(kind === undefined
      ? {}
      : { FAIRWAY_SERVICES: JSON.stringify(services), FAIRWAY_DEADLINE: String(softDeadline(timeout)) }),
    ...(kind === "smoke" ? { FAIRWAY_REPLICAS: JSON.stringify(await replicasOf(parts, environment, release)) } : {}),
    ...(kind === "load" && stable !== undefined ? { FAIRWAY_STABLE: JSON.stringify(stable) } : {}),
    ...(baseline === null ? {} : { FAIRWAY_BASELINE: JSON.stringify(baseline) }),
  };
}

/** Somewhat before a check is ended from outside, so that there is time for it to say what it found. */
export const softDeadline = (timeout: Millis): Millis => Math.max(1, timeout - Math.min(10_000, timeout * 0.2));

/** Every replica that may get traffic, by service: of a release that is kept warm for the way back none does. */
async function replicasOf(
  { places }: VerifyParts,
  environment: Environment,
  release: Release,
): Promise<
  readonly { readonly service: string; readonly replica: string; readonly url: string | null; readonly path: string }[]
> {
  const found = await Promise.all(
    environment.placements.map(async ({ service, strategy }) => {
      const keepsWarm = warmTimeOf(strategy) !== undefined;
      const path = serviceOf(release.project, service)?.health.path ?? "/";
      return (await places.replicasOf(environment.name, service))
        .filter((replica) => replica.alive && (replica.release === release.id || !keepsWarm))
        .filter(({ state }) => state !== "stopped")
        .map(({ name, endpoint }) => ({
          service,
          replica: name,
          url: endpoint === null ? null : `http://${endpoint.host}:${endpoint.port}`,
          path,
        }));
    }),
  );
  return found.flat();
}
