import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Day } from "@fairway/core";
import { dayOf, FairwayError, isDay } from "@fairway/core";
import { evidenceAbout } from "../store/duty-records.ts";
import { listIncidents, openFollowUps } from "../store/incidents.ts";
import { listReleases } from "../store/releases.ts";
import type { OperationsSummary } from "../incidents/operations-summary.ts";
import { operationsSummary } from "../incidents/operations-summary.ts";
import type { ContentParts } from "./content-control.ts";
import type { KnowledgePacket } from "./knowledge-packet.ts";
import { knowledgePacket } from "./knowledge-packet.ts";

/** What Fairway writes by itself for people. */
export interface OperationsWriting {
  /** The packet of the commit whose duties hold. Throws `not_found` before the first release. */
  packet(): Promise<KnowledgePacket>;
  /** The summary of the two weeks before a day, today when left out; or from where the last one ended. Throws `bad_request`. */
  summary(query: {
    readonly from?: string | undefined;
    readonly until?: string | undefined;
  }): Promise<OperationsSummary>;
}

/** The duty that summaries are evidence of. */
const summaryDuty = "operations-log:summary";

const fortnight = -14 * 86_400_000;
const longestGap = 60 * 86_400_000;

export function operationsWriting(
  parts: Pick<ContentParts, "store" | "repository" | "scratch" | "duties" | "now">,
): OperationsWriting {
  const { store, repository, scratch, duties, now } = parts;
  return {
    async packet() {
      const { written: plan } = await duties.inForce();
      const releases = await listReleases(store, { limit: 50, forEnvironments: true });
      const release = releases.find(({ revision }) => revision.sha === plan.commit) ?? releases[0];
      if (release === undefined)
        throw new FairwayError("not_found", "there is no release yet", { hint: "make one: fairway release" });
      const commit = plan.commit === "" ? release.revision.sha : plan.commit;
      await mkdir(scratch, { recursive: true, mode: 0o700 });
      const directory = await mkdtemp(join(scratch, "packet-"));
      try {
        const checkout = join(directory, "checkout");
        await repository.checkout(commit, checkout);
        return knowledgePacket({ commit, project: release.project, plan, files: await filesOf(checkout) });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    async summary({ from: begin, until: end }) {
      for (const day of [begin, end])
        if (day !== undefined && !isDay(day)) throw new FairwayError("bad_request", `${day} is no day of the calendar`);
      const until = end ?? dayOf(now());
      const from = begin ?? (await lastUntil(parts, until)) ?? dayOf(Date.parse(until) + fortnight);
      if (from > until) throw new FairwayError("bad_request", `${from} comes after ${until}`);
      const within = { from: new Date(`${from}T00:00:00.000Z`), until: new Date(`${until}T00:00:00.000Z`) };
      const incidents = await listIncidents(store, { within, limit: 1000 });
      return operationsSummary({ from, until, incidents, followUps: await openFollowUps(store) });
    },
  };
}

/** Where the last summary ended, if that was before this day and not long ago: none is left out between two. */
async function lastUntil({ store }: Pick<ContentParts, "store">, until: Day): Promise<Day | null> {
  const evidence = await evidenceAbout(store, { duty: summaryDuty, release: null, limit: 20 });
  const days = evidence.flatMap(({ outcome, facts }) => {
    const day = facts["until"];
    return outcome === "passed" && typeof day === "string" && isDay(day) && day < until ? [day] : [];
  });
  const last = days.toSorted().at(-1) ?? null;
  return last !== null && last >= dayOf(Date.parse(until) - longestGap) ? last : null;
}

async function filesOf(checkout: string): Promise<ReadonlyMap<string, string>> {
  const { findConfigurations } = await import("@fairway/config");
  const ops = existsSync(join(checkout, "ops"))
    ? readdirSync(join(checkout, "ops"), { withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [`ops/${entry.name}`] : [],
      )
    : [];
  return new Map(
    [...findConfigurations(checkout), ...ops.toSorted()].map((path) => [
      path,
      createHash("sha256")
        .update(readFileSync(join(checkout, path)))
        .digest("hex"),
    ]),
  );
}
