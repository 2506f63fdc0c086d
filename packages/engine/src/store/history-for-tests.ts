import type { DeploymentPlan, DeploymentReason, ReleaseId, RunId } from "@fairway/core";
import type { NewRelease } from "../stages/releases.ts";
import { deploymentsIn } from "./deployments.ts";
import { insertRun } from "./runs.ts";
import { releasesIn } from "./releases.ts";
import type { Store } from "./store.ts";

/** A history of deployments that a test writes down, without anything that runs. */
export interface History {
  /** A new release; those made with the same digest are the same. */
  release(digest: string, over?: Partial<NewRelease>): Promise<ReleaseId>;
  /** A deployment that ends so; a rollback of single services where they are named. */
  deploy(
    environment: string,
    release: ReleaseId,
    how?: {
      readonly reason?: DeploymentReason;
      readonly only?: readonly string[];
      /** Whether one of its jobs did, and of which stage where it is another than a rollout. */
      readonly saidNo?: boolean | "verify" | "bake" | "migrate";
    },
  ): Promise<RunId>;
}

/** Writes into a database what deployments would. */
export function historyIn(store: Store): History {
  const deployments = deploymentsIn(store);
  const releases = releasesIn(store);

  async function newRun(because: string | null = null): Promise<RunId> {
    const run = await store.transaction((tx) =>
      insertRun(
        tx,
        { kind: "deployment", title: "t", subject: { environment: "e", because }, requestedBy: "ana", jobs: [] },
        null,
      ),
    );
    return (run as NonNullable<typeof run>).id;
  }

  return {
    async release(digest, over = {}) {
      const contents: NewRelease = {
        digest,
        revision: { sha: "a".repeat(40), short: "aaaaaaa", subject: "", author: "", committedAt: "", ref: null },
        project: { name: "market", services: [], environments: [] },
        parts: [],
        leftOut: [],
        ...over,
      };
      const envelope = { payloadType: "", payload: "", signatures: [] };
      return (await releases.keep(await newRun(), { release: contents, envelope })).id;
    },
    async deploy(environment, release, { reason = "deploy", only, saidNo = false } = {}) {
      const run = await newRun();
      const { digest: releaseDigest } = await releases.byId(release);
      const plan = { environment, release, releaseDigest, reason, ...(only && { only }) } as DeploymentPlan;
      const from = (await deployments.current(environment))?.id ?? null;
      const refused = await deployments.begin(run, plan, "d", from);
      if (refused) return run;
      if (saidNo !== false)
        await store.rows(
          `insert into fairway.jobs (run, name, place, stage, needs, turn, input, timeout_ms, state, reason, ended_at)
           values ($1, $3, 0, $4, '{}', 'after-success', 'null', 0, 'failed', $2, now())`,
          saidNo === true
            ? [run, "it is broken\nwith evidence", "rollout:web", "rollout"]
            : [run, "it is broken\nwith evidence", saidNo, saidNo],
        );
      await deployments.end(run, saidNo === false ? "deployed" : "rolled-back");
      // Told again it is no news.
      await deployments.end(run, saidNo === false ? "deployed" : "rolled-back");
      return run;
    },
  };
}
