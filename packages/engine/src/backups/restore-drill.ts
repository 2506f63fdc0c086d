import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type {
  BackupSnapshot,
  DrillReport,
  DrillStep,
  DrillStepResult,
  RepositoryFingerprint,
  RestoredBackup,
} from "@fairway/core";
import { messageOf, repositoryChanges } from "@fairway/core";
import { makeDirectory } from "../make-directory.ts";
import type { RunnableBinaries } from "../database/database-directory.ts";
import { programOf } from "../database/binaries.ts";
import { checkIntegrity } from "../database/check-integrity.ts";
import { differencesOf } from "./compare-migrations.ts";
import type { DrillFinding, DrillParts } from "./drill-parts.ts";
import type { IsolatedServer } from "../database/isolated-server.ts";
import { startIsolated } from "../database/isolated-server.ts";
import { whyNotApart } from "../database/isolation.ts";

const passed = (why: string, facts?: DrillFinding["facts"]): DrillFinding => ({
  outcome: "passed",
  why,
  ...(facts === undefined ? {} : { facts }),
});
const failed = (why: string, facts?: DrillFinding["facts"]): DrillFinding => ({
  ...passed(why, facts),
  outcome: "failed",
});

interface Found {
  snapshots: readonly BackupSnapshot[];
  snapshot: BackupSnapshot | null;
  before: RepositoryFingerprint | null;
  /** When the repository was looked at. */
  began: number;
  runnable: RunnableBinaries | null;
  restored: RestoredBackup | null;
  server: IsolatedServer | null;
}

/**
 * Restores a backup where nothing else is, and looks whether all that production would need of it is there. Ends at the first
 * step that fails, and clears up whatever happened. What a step throws is why it failed.
 */
export async function restoreDrill(parts: DrillParts): Promise<DrillReport> {
  const found: Found = {
    snapshots: [],
    snapshot: null,
    before: null,
    began: 0,
    runnable: null,
    restored: null,
    server: null,
  };
  const steps: DrillStepResult[] = [];
  const looks = looksOf(parts, found, steps);
  const look = async (step: DrillStep): Promise<boolean> => {
    const began = parts.now();
    const reason = parts.leftOut?.[step];
    const {
      outcome,
      why,
      facts = {},
    }: DrillFinding = reason === undefined
      ? await looks[step]().catch((thrown: unknown) => failed(messageOf(thrown)))
      : { outcome: "left-out", why: reason };
    // The daemon's end has cut it short: it has shown nothing, and whoever comes next finds it as the one that was under way.
    if (step !== "clear" && parts.closing.aborted && outcome === "failed") return false;
    steps.push({ step, outcome, why, startedAt: new Date(began).toISOString(), took: parts.now() - began, facts });
    await parts.keep({ snapshot: found.snapshot, steps });
    return outcome !== "failed";
  };
  try {
    for (const step of Object.keys(looks) as readonly DrillStep[])
      if (step !== "clear" && (parts.closing.aborted || !(await look(step)))) break;
  } finally {
    await look("clear");
  }
  return { snapshot: found.snapshot, steps };
}

function looksOf(
  parts: DrillParts,
  found: Found,
  steps: readonly DrillStepResult[],
): Record<DrillStep, () => Promise<DrillFinding>> {
  const { repository, place } = parts;
  const chosen = (): BackupSnapshot => known(found.snapshot);
  const server = (): IsolatedServer => known(found.server);
  return {
    async choose() {
      found.snapshots = await repository.snapshots();
      const newest = found.snapshots.at(-1);
      parts.closing.throwIfAborted();
      if (newest === undefined) return failed(`there is no backup in ${repository.label}`);
      found.before = await repository.fingerprint();
      found.began = parts.now();
      const any = found.snapshots[Math.floor(Math.random() * found.snapshots.length)];
      found.snapshot = (parts.choose === "latest" ? newest : any) ?? newest;
      return passed(`${found.snapshot.id}, ${found.snapshot.kind}`, {
        backups: found.snapshots.length,
        server: chosen().serverVersion,
        encrypted: chosen().encrypted,
      });
    },
    async newest() {
      const age = parts.now() - Date.parse(found.snapshots.at(-1)?.endedAt ?? "");
      const facts = { "age-ms": age };
      return age <= parts.newestWithin
        ? passed(`the newest is ${hours(age)} old`, facts)
        : failed(`the newest backup is ${hours(age)} old, and may be ${hours(parts.newestWithin)}`, facts);
    },
    async continuity() {
      const missing = await repository.missing(chosen().id);
      return missing.length === 0 ? passed("nothing is missing") : failed(missing.slice(0, 5).join("; "));
    },
    async place() {
      const isServed = parts.leftOut?.start === undefined;
      if (isServed) {
        found.runnable = await parts.programs(chosen().serverVersion);
        const problem = await whyNotApart(found.runnable.user, programOf(found.runnable.binaries, "postgres"));
        if (problem !== null) return failed(`nothing can be run without a network on this machine: ${problem}`);
      }
      await makeDirectory(dirname(place));
      await mkdir(place, { mode: 0o700 });
      const [free, needed] = [await parts.room(place), Math.ceil(chosen().bytes * 1.5)];
      const facts = { "free-bytes": free, "needed-bytes": needed };
      return free >= needed
        ? passed(isServed ? "a directory and a network of its own" : "a directory of its own", facts)
        : failed(`${mebibytes(free)} are free, and it needs ${mebibytes(needed)}`, facts);
    },
    async restore() {
      found.restored = await repository.restore(chosen().id, join(place, "restored"));
      return passed(`${mebibytes(found.restored.bytes)} came back`, { bytes: found.restored.bytes });
    },
    async start() {
      const runnable = known(found.runnable);
      const restored = known(found.restored);
      const cluster = restored.kind === "cluster" ? restored.path : await parts.load(restored, runnable);
      found.server = await startIsolated(cluster, runnable, parts.startWithin, {
        closing: parts.closing,
        log: restored.log,
        ...(await parts.serves?.()),
      });
      return passed("the server answers, and all of the log is replayed", { version: runnable.binaries.version });
    },
    async heartbeat() {
      const beat = await parts.heartbeat(server());
      if (beat === null)
        return { outcome: "left-out", why: "nothing beats in this database, so what was lost is unknown" };
      // A log is archived all the time, so it reaches up to when the repository was looked at.
      const until = parts.lossUntil === "now" ? found.began : Date.parse(chosen().endedAt);
      const lost = Math.max(0, until - Date.parse(beat));
      const facts = { "rpo-ms": lost, heartbeat: beat };
      return lost <= parts.rpoWithin
        ? passed(`${Math.round(lost / 1000)} s were lost`, facts)
        : failed(`${Math.round(lost / 1000)} s were lost, and ${parts.rpoWithin / 1000} s may be`, facts);
    },
    async integrity() {
      if (parts.soundness !== undefined) return parts.soundness(known(found.restored));
      const { checked, problems, unlooked } = await checkIntegrity(server().connection);
      if (problems.length > 0) return failed(problems.slice(0, 5).join("; "), { checked });
      return unlooked.length === 0
        ? passed(`${checked} indexes and tables are sound`, { checked })
        : failed(`not looked at to its end in its time, so nobody knows: ${unlooked.slice(0, 5).join("; ")}`, {
            checked,
            unlooked: unlooked.length,
          });
    },
    async migrations() {
      const there = await parts.migrations.found(server());
      const recorded = await parts.migrations.recorded(chosen(), there);
      if (recorded === null) return { outcome: "left-out", why: "no deployment before the backup has recorded any" };
      const differences = differencesOf(recorded, there);
      if (differences.length > 0) return failed(differences.slice(0, 5).join("; "), { migrations: there.length });
      return passed(`${there.length} as recorded; ${await parts.migrations.forward(server())}`, {
        migrations: there.length,
      });
    },
    boot: () => parts.boot(server(), place),
    async facts() {
      const took = Object.fromEntries(steps.map(({ step, took: of }) => [`${step}-ms`, of]));
      return passed(`${chosen().id} of ${repository.label}`, took);
    },
    async clear() {
      await found.server?.stop();
      await rm(place, { recursive: true, force: true });
      if (existsSync(place)) return failed(`${place} is still there`);
      // The repository was never read.
      if (found.before === null) return passed("nothing is left");
      const newest = found.snapshots.at(-1)?.id ?? "";
      const { wrong, expired } = repositoryChanges(found.before, await repository.fingerprint(), newest);
      if (wrong.length > 0)
        return failed(`the repository is not as it was before the drill: ${wrong.slice(0, 5).join("; ")}`);
      return expired.length === 0
        ? passed("nothing is left, and the repository is as it was")
        : passed(`nothing is left; its owner expired ${expired.slice(0, 5).join(", ")} meanwhile`, {
            expired: expired.length,
          });
    },
  };
}

/** What a step before has found: without it this step is never reached. */
function known<Value>(value: Value | null): Value {
  if (value === null) throw new TypeError("a step before it has not been gone through");
  return value;
}

const hours = (span: number): string => `${(span / 3_600_000).toFixed(1)} h`;
const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
