import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { EcsPreviews, HostedLedger, ReleaseId, Rollout, SecretSource } from "@fairway/core";
import { defaultRolling, FairwayError, previewSecrets, rolloutId, scopeOf } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import type { PreviewDatabases } from "../databases/preview-databases.ts";
import { endingHostedPlace } from "../rollouts/hosted-place.ts";
import type { EcsPlace, HostedPlace, Place, Places, StandingService } from "../rollouts/places.ts";
import { rollUntilDone } from "../rollouts/roll-until-done.ts";
import type { Attempt, JobPlan, Outcome, RunPlan, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { recordChange } from "../store/audit.ts";
import type { LockRequest } from "../store/environment-locks.ts";
import type { Preview } from "../store/previews.ts";
import { changePreview, forgetEnvironment, previewById, previewByName } from "../store/previews.ts";
import { databasesOf } from "../store/preview-database-rows.ts";
import type { Store } from "../store/store.ts";
import { databasePlace } from "./preview-database.ts";

/** What the run that ends a preview is about. */
export interface EndingSubject {
  readonly environment: string;
  /** Null for what is there and belongs to no preview. */
  readonly preview: number | null;
  /** Where on ECS there may be something of it; absent where nowhere. */
  readonly ecs?: EcsPreviews;
  readonly why: string;
}

/** The run that takes away all that a preview has, once nobody else changes it. */
export function planPreviewEnd(subject: EndingSubject, requestedBy: string): RunPlan {
  const lock: LockRequest = {
    environment: subject.environment,
    urgent: true,
    queue: "all",
    order: null,
    yields: false,
  };
  const job = (name: string, stage: string, needs: readonly string[], input: object): JobPlan => ({
    name,
    stage,
    needs,
    turn: "after-success",
    input: asJson(input),
    timeout: stage === "lock" ? 0 : 10 * 60_000,
  });
  return {
    kind: "preview",
    title: `end the preview ${subject.environment}`,
    subject: asJson(subject),
    requestedBy,
    jobs: [job("lock", "lock", [], lock), job("end", "end-preview", ["lock"], subject)],
  };
}

export interface EndPreviewParts {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly places: Places;
  /** Null where previews have no databases of Fairway's making. */
  readonly databases: (of: Preview["settings"]) => Promise<PreviewDatabases | null>;
  /** What platforms serve of it; left out where nothing can be there. */
  readonly hostedLedger?: HostedLedger | undefined;
  readonly secrets?: SecretSource | undefined;
}

/** Takes away the replicas, routes, databases, folders and rows of a preview. May be repeated at any point. */
export function endPreviewStage({ store, data, places, databases, hostedLedger, secrets }: EndPreviewParts): Stage {
  async function endService(
    attempt: Attempt,
    environment: string,
    service: string,
    there?: HostedPlace["placement"],
    ecs?: StandingService["ecs"],
  ): Promise<void> {
    const onEcs = ecs === undefined ? {} : { ecs: endingEcs(ecs, environment, service) };
    const bare = { ...barePlace(environment, service), ...onEcs };
    const place =
      there === undefined || hostedLedger === undefined || secrets === undefined
        ? bare
        : {
            ...bare,
            hosted: endingHostedPlace(
              { secrets },
              hostedLedger,
              { environment, service, placement: there },
              previewSecrets,
            ),
          };
    const target = places.targetOf(place, attempt.signal);
    const rollout: Rollout = {
      id: rolloutId(attempt.run, service),
      environment,
      service,
      from: null,
      to: nothing,
      desired: 0,
      strategy: defaultRolling,
      token: await attempt.token(scopeOf(environment, service)),
    };
    attempt.progress(`ending ${service}`);
    const where = ecs === undefined ? there?.platform : "ECS";
    await attempt.step(where === undefined ? `end ${service}` : `end ${service} on ${where}`, async () => {
      await target.fence?.(rollout.token);
      return asJson(await rollUntilDone(() => target.abort(rollout), attempt.progress, attempt.signal));
    });
  }

  async function dropDatabases(preview: Preview): Promise<void> {
    const found = await databasesOf(store, preview.id);
    const server = found.length === 0 ? null : await databases(preview.settings);
    for (const { service } of found) await server?.close(databasePlace(preview, service));
  }

  return {
    name: "end-preview",
    async run(attempt: Attempt): Promise<Outcome> {
      const subject = attempt.input as unknown as EndingSubject;
      const { environment, why } = subject;
      const preview = subject.preview === null ? null : await previewById(store, subject.preview);
      if (subject.preview !== null && (preview === null || preview.state === "ended"))
        return { outcome: "succeeded", result: null };
      // What belonged to nobody may belong to one that was opened since.
      const taken = subject.preview === null ? await previewByName(store, environment) : null;
      if (taken !== null && taken.state !== "ended") return { outcome: "succeeded", result: null };
      const standing = (await places.standing?.()) ?? [];
      for (const { service } of standing.filter((one) => one.environment === environment))
        await endService(attempt, environment, service);
      const settings = preview?.settings.ecs ?? subject.ecs;
      const onEcs = settings === undefined ? [] : ((await places.standingOnEcs?.(settings)) ?? []);
      for (const { service, ecs } of onEcs.filter((one) => one.environment === environment))
        await endService(attempt, environment, service, undefined, ecs);
      for (const { service, marks } of (await hostedLedger?.of(environment)) ?? [])
        await endService(attempt, environment, service, marks.placement);
      await attempt.step("databases", async () => {
        if (preview !== null) await dropDatabases(preview);
        return null;
      });
      await attempt.step("folders", async () => {
        await rm(dirname(data.serviceState(environment, "any")), { recursive: true, force: true });
        return null;
      });
      await store.transaction(async (tx) => {
        await forgetEnvironment(tx, environment);
        if (preview === null) return;
        await changePreview(tx, preview, { state: "ended", endedAt: new Date(), asleepSince: null });
        recordChange(tx, "preview.ended", { subject: environment, environment, detail: { why, run: attempt.run } });
      });
      return { outcome: "succeeded", result: null, summary: why };
    },
  };
}

/** What is taken away is told nothing. */
const endingEcs = (placement: EcsPlace["placement"], environment: string, service: string): EcsPlace => {
  const nothingOf = (): Promise<never> =>
    Promise.reject(new FairwayError("internal", `nothing is started of ${environment} while it is ended`));
  const { health } = barePlace(environment, service);
  return {
    placement,
    imageOf: nothingOf,
    preview: { environment, service, routes: [], health, port: null, secretsOf: nothingOf },
  };
};

/** Of no release: what is ended needs none. */
const nothing = "r0" as ReleaseId;

const barePlace = (environment: string, service: string): Place => ({
  environment,
  service,
  route: {
    name: scopeOf(environment, service),
    rules: [],
    internalPath: `/${environment}/${service}`,
    health: { path: "/", interval: 1_000, timeout: 1_000 },
  },
  health: { path: "/", interval: 1_000, timeout: 1_000, startWithin: 1_000 },
  // Nobody is promised a preview: it is to be gone soon.
  stop: { drain: 5_000, grace: 10_000 },
  specOf: () => Promise.reject(new FairwayError("internal", `nothing is started of ${environment} while it is ended`)),
});
