import type { CommitHistory, DutyPlan, Forge, ForgeEvent, RunId } from "@fairway/core";
import { branchOf, pullRef, systemActor } from "@fairway/core";
import { actingAs } from "../audit/acting.ts";
import { oneByOne } from "../control/one-by-one.ts";
import type { ScanInput } from "../duty-runs/duty-run-plan.ts";
import { dutyStages } from "../duty-runs/duty-run-plan.ts";
import type { RunPlan } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import type { DiffScan } from "../store/diff-scans.ts";
import { diffScanLater, diffScanTaken, newDiffScans } from "../store/diff-scans.ts";
import type { Store } from "../store/store.ts";

/** What a run of such a scan is about. */
export interface DiffScanSubject {
  readonly scan: "diff";
  readonly sha: string;
  readonly ref: string;
  readonly fromFork: boolean;
}

/**
 * What an event brings that is to be scanned; null where it brings nothing, or its forge takes no answer. A branch is held
 * against the main one, so that a key stays told until it is out of the branch; the main one against what it was.
 */
export async function diffOf(history: CommitHistory, forge: Forge, event: ForgeEvent): Promise<DiffScan | null> {
  if (!forge.takes.has("check-run") && !forge.takes.has("status")) return null;
  if (event.kind === "pull-request") {
    const { number, state, head, base, fromFork } = event;
    if (state !== "open") return null;
    const from = base.sha ?? (await history.tip(`refs/heads/${base.ref}`));
    return { ref: pullRef(number), sha: head.sha, base: from, fromFork };
  }
  const branch = event.kind === "push" ? branchOf(event.ref) : null;
  if (event.kind !== "push" || branch === null || event.after === null) return null;
  const main = await history.defaultBranch();
  const from = branch === main ? event.before : ((await history.tip(`refs/heads/${main}`)) ?? event.before);
  return { ref: event.ref, sha: event.after, base: from, fromFork: false };
}

/** Whether a project wants what is pushed to be scanned: where it lists keys, or owes or asks for a scan. */
const wantsDiffScans = ({ credentials = [], duties }: Pick<DutyPlan, "credentials" | "duties">): boolean =>
  credentials.length > 0 || duties.some(({ run }) => run?.kind === "scan");

/** The run that scans what a push or a pull request brings. */
function planDiffScan({ ref, sha, base, fromFork }: DiffScan): RunPlan {
  const input: ScanInput = { sha, release: null, what: "diff", from: base };
  const subject: DiffScanSubject = { scan: "diff", sha, ref, fromFork };
  return {
    kind: "duty",
    title: `scan what ${ref.replace(/^refs\/(?:heads\/)?/u, "").slice(0, 80)} adds at ${sha.slice(0, 7)}`,
    subject: asJson(subject),
    requestedBy: systemActor.name,
    jobs: [
      {
        ...{ name: "scan", stage: dutyStages.scan, needs: [], turn: "after-success", timeout: 3_600_000 },
        input: asJson(input),
      },
    ],
  };
}

interface DiffScanParts {
  readonly store: Store;
  readonly inForce: () => Promise<Pick<DutyPlan, "credentials" | "duties">>;
  readonly startRun: (plan: RunPlan, key?: string) => Promise<RunId>;
}

/** Begins the scans that are asked for, each once. May be repeated; one that cannot be begun keeps no other from it. */
export async function beginDiffScans({ store, inForce, startRun }: DiffScanParts): Promise<void> {
  const asked = await newDiffScans(store);
  if (asked.length === 0) return;
  const isWanted = wantsDiffScans(await inForce());
  await oneByOne(asked, async ({ number, ...diff }) => {
    try {
      const run = isWanted
        ? await actingAs(systemActor, () => startRun(planDiffScan(diff), `scan/${diff.ref}/${diff.sha}`))
        : null;
      await diffScanTaken(store, number, run);
    } catch (thrown) {
      await diffScanLater(store, number);
      throw thrown;
    }
  });
}
