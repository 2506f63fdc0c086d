import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Release, ReleaseId, Repository, RunId, SecretSource, Sha } from "@fairway/core";
import { dayOf, FairwayError, judgeFindings } from "@fairway/core";
import { artifactDirectory } from "../artifacts/place-of.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import type { ScanInput } from "../duty-runs/duty-run-plan.ts";
import { dutyStages } from "../duty-runs/duty-run-plan.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { keepSetting, setting } from "../store/settings.ts";
import { listReleases } from "../store/releases.ts";
import type { Store } from "../store/store.ts";
import { endsOf, keepClean, knowledgeOf, runsToRead } from "./clean-logs.ts";
import { inventoryValues } from "./inventory-values.ts";
import { ifGone, logsBelow, runFolders } from "./log-files.ts";
import type { Looked } from "./looked.ts";
import { leakedOf, placeOf, shortened, together } from "./looked.ts";
import type { ScanJob, Scanned } from "./scan-job.ts";
import type { ScanThread } from "./scan-thread.ts";
import { openScanThread } from "./scan-thread.ts";
import { tellLeaks } from "./tell-leaks.ts";
import { withoutLines } from "./without-lines.ts";

/** What is scanned with. */
export interface ScanStageParts {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Pick<Repository, "checkout" | "patches" | "putBlobs">;
  readonly secrets: SecretSource;
  readonly duties: Pick<DutyControl, "inForce">;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly nameSecret: (environment: string, name: string, value: string) => string;
}

/** So long may the scanner be at one thing. */
const deadline = 15 * 60_000;
/** So many commits are looked at in one step: where a daemon is killed, that much is looked at again. */
const commitsPerStep = 200;
/** So many places are shown where a forge shows them. */
const mostShown = 50;
/** So many runs have their logs read in one step. */
const runsPerStep = 50;
/** How far the history was looked at, when it was not to its end. */
const reached = "scan.history";

/**
 * Looks for keys: of a release in the files of its commit, in what its commits have added, in its artifacts and in the logs of
 * its making; or in all of the history, or in the logs of what ran. One that Fairway knows opens an incident and has to be
 * exchanged within 24 hours; what is kept of any is where it stands, and never the key.
 */
export const scanStage = (parts: ScanStageParts): Stage => ({
  name: dutyStages.scan,
  async run(attempt: Attempt): Promise<Outcome> {
    const { sha: commit, release, what = "tree", from = null } = attempt.input as unknown as ScanInput;
    const made = release === null ? null : await parts.releaseOf(release);
    const sha = made === null ? commit : made.revision.sha;
    attempt.progress(`scanning ${what === "tree" || what === "diff" ? sha.slice(0, 12) : `the ${what}`}`);
    const scan = scanning(parts, attempt);
    const all =
      what === "history"
        ? await history(parts, attempt, scan, sha)
        : what === "logs"
          ? await logs(parts, attempt, scan)
          : what === "diff"
            ? await added(parts, attempt, scan, { from, to: sha })
            : [
                await tree(parts, attempt, scan, sha),
                ...(made === null ? [] : await ofRelease(parts, attempt, scan, made)),
              ];
    const { findings, files, bytes, binary = 0, unread = 0, allowed = 0, ended = [], skipped = [] } = together(all);
    const counted = { sha, what, files, bytes, binary, unread, allowed, findings: findings.length };
    const unlooked = `more than can be read was added by ${skipped.join(", ")}`;
    if (findings.length === 0 && skipped.length > 0)
      throw new FairwayError("not_allowed_now", unlooked, {
        hint: "look at that commit by hand, and say what you have found: fairway duties attest",
      });
    if (findings.length === 0) return { outcome: "succeeded", result: counted };
    const leaked = leakedOf({ findings });
    if (leaked.length > 0)
      await attempt.step("tell", async () => {
        await tellLeaks(parts, leaked, { release, at: Date.now() });
        return null;
      });
    const lines = findings.map(
      ({ path, line, rule, credential, fingerprint }) =>
        `${path}:${line} ${credential === null ? `${rule} (fingerprint ${fingerprint})` : `the value of ${credential}`}`,
    );
    const places = what === "diff" ? { places: findings.slice(0, mostShown).map(placeOf) } : {};
    const why = [
      `${findings.length} found: ${lines.join("\n")}`,
      ...ended,
      ...(skipped.length > 0 ? [unlooked] : []),
    ].join("\n");
    return { outcome: "failed", reason: why, result: asJson({ ...counted, ...places }) };
  },
});

type Scan = (
  step: string,
  job: () => Promise<ScanJob & Pick<Looked, "skipped">>,
  /** Is told all that was found, also what is allowed, before the step is done. */
  found?: (findings: Scanned["findings"]) => Promise<void>,
) => Promise<Looked>;

/** Each job in a step and a thread of its own. */
const scanning =
  (parts: ScanStageParts, attempt: Attempt): Scan =>
  async (step, job, tell) =>
    (await attempt.step(step, async () => {
      const values = await inventoryValues(parts);
      let thread: ScanThread | undefined;
      try {
        const { skipped = [], ...made } = await job();
        thread = openScanThread({ values, naming: parts.nameSecret("scan", "naming", "") });
        const found = (await thread.run(made, { deadline, signal: attempt.signal })) as Scanned;
        const { plan } = await parts.duties.inForce();
        const facts = { roles: plan.roles, today: dayOf(Date.now()) };
        const { kept, allowed, ended } = judgeFindings(found.findings, plan.allowed ?? [], facts);
        await tell?.(found.findings);
        return asJson({ ...shortened({ ...found, findings: kept }), allowed, ended, skipped });
      } finally {
        await thread?.close();
      }
    })) as unknown as Looked;

async function tree(parts: ScanStageParts, attempt: Attempt, scan: Scan, sha: Sha): Promise<Looked> {
  const folder = parts.data.workspace(attempt.run, "scan");
  try {
    return await scan("scan", async () => {
      await rm(folder, { recursive: true, force: true });
      await mkdir(dirname(folder), { recursive: true });
      await parts.repository.checkout(sha, folder);
      return { kind: "tree", root: folder };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What a release brings besides its files: what was there between it and the one before, what was built, and what that said.
 */
async function ofRelease(
  parts: ScanStageParts,
  attempt: Attempt,
  scan: Scan,
  release: Release,
): Promise<readonly Looked[]> {
  const number = Number(release.id.slice(1));
  const [before] = await listReleases(parts.store, { before: number, limit: 1, forEnvironments: true });
  const { patches } = parts.repository;
  const found: Looked[] = [];
  if (before !== undefined && patches !== undefined)
    found.push(...(await added(parts, attempt, scan, { from: before.revision.sha, to: release.revision.sha })));
  for (const artifact of new Set(release.parts.map((part) => part.artifact)))
    found.push(
      await scan(`artifact ${artifact.slice(7, 19)}`, async () => {
        const root = artifactDirectory(artifact, parts.data.artifacts);
        // An image lies in a registry, and an old artifact nowhere any more.
        return existsSync(root) ? { kind: "tree", root } : { kind: "files", files: [] };
      }),
    );
  found.push(
    await scan("logs", async () => ({ kind: "files", files: await runFolders(parts.store, parts.data, release.id) })),
  );
  return found;
}

/** What commits have added, a few of them in each step. */
async function added(
  { repository, data }: ScanStageParts,
  attempt: Attempt,
  scan: Scan,
  range: { readonly from: Sha | null; readonly to: Sha; readonly after?: Sha | null },
  told?: (after: Sha, last: Looked) => Promise<void>,
): Promise<readonly Looked[]> {
  const found: Looked[] = [];
  let after = range.after ?? null;
  for (let step = 1; ; step++) {
    const next = await attempt.step(`commits ${step}`, async () => {
      const { last } = await taken(repository, { ...range, after, limit: commitsPerStep }, false);
      return { last };
    });
    if (next.last === null) return found;
    attempt.progress(`scanning commits up to ${next.last.slice(0, 12)}`);
    const from = after;
    const folder = data.workspace(attempt.run, "scan-blobs");
    try {
      const last = await scan(`patches ${step}`, async () => {
        const { text, skipped } = await taken(repository, { ...range, after: from, limit: commitsPerStep }, true);
        const { files, tooLarge } = await withoutLines(repository, text, folder);
        return { kind: "patches", text, files, skipped: [...new Set([...skipped, ...tooLarge])] };
      });
      found.push(last);
      after = next.last;
      await told?.(after, last);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function taken(
  repository: ScanStageParts["repository"],
  range: Parameters<NonNullable<Repository["patches"]>>[0],
  withText: boolean,
): ReturnType<NonNullable<Repository["patches"]>> {
  if (repository.patches === undefined)
    throw new FairwayError("not_allowed_now", "this repository does not say what its commits have added");
  return repository.patches({ ...range, withText });
}

/**
 * The logs of what ran, a few runs in each step. What was found clean once is not read again, so that a kill costs a step and a
 * week costs what was said in it; with another value of the store everything is read anew. What was found in stays on the list:
 * a key that still stands there is still told.
 */
async function logs(parts: ScanStageParts, attempt: Attempt, scan: Scan): Promise<readonly Looked[]> {
  const { store, data, nameSecret } = parts;
  const nameOf = (value: string): string => nameSecret("scan", "logs", value);
  // As the steps of this attempt were begun with, so that one that is tried again has the same steps.
  const { knowledge, runs } = await attempt.step("begin", async () => {
    const known = knowledgeOf(await inventoryValues(parts), nameOf);
    const folders: readonly string[] = await readdir(data.steps).catch(ifGone);
    return { knowledge: known, runs: [...(await runsToRead(store, folders.toSorted(), known))] };
  });
  const found: Looked[] = [];
  for (let at = 0; at < runs.length; at += runsPerStep) {
    const few = runs.slice(at, at + runsPerStep);
    attempt.progress(`scanning the logs of ${at} to ${at + few.length} of ${runs.length} runs`);
    let ended: Readonly<Record<string, string>> = {};
    const last = await scan(
      `logs ${at / runsPerStep + 1}`,
      async () => {
        ended = await endsOf(store, few);
        const files = await Promise.all(few.map((run) => logsBelow(data.steps, run)));
        return { kind: "files", files: files.flat() };
      },
      async (findings) => {
        const dirty = new Set(findings.map(({ path }) => path.split("/", 1)[0] ?? ""));
        const clean = Object.fromEntries(Object.entries(ended).filter(([run]) => !dirty.has(run)));
        // Who owns a key has heard of it before the rest is read.
        await tellLeaks(parts, leakedOf({ findings }), { release: null, at: Date.now() });
        await keepClean(store, clean, knowledge);
      },
    );
    found.push(last);
  }
  return found;
}

/** How far one run has come, with what it found on the way: it names places and no values. */
interface Reached {
  readonly run: RunId;
  readonly after: Sha;
  readonly found: Looked;
}

/**
 * All of it; tried again, on from where the same run was ended, with what it had found by then. Another run begins anew: what
 * one before it found was told then and not since, and there may be other keys to be found.
 */
async function history(parts: ScanStageParts, attempt: Attempt, scan: Scan, sha: Sha): Promise<readonly Looked[]> {
  const kept = await attempt.step("begin", async () => (await setting(parts.store, reached)) ?? null);
  const left = kept as unknown as Partial<Reached> | null;
  const before = left?.run === attempt.run && left.after !== undefined && left.found !== undefined ? left : null;
  const known: Looked[] = before === null ? [] : [before.found as Looked];
  const found = await added(
    parts,
    attempt,
    scan,
    { from: null, to: sha, after: before?.after ?? null },
    async (after, last) => {
      known.push(last);
      // At once: whatever ends it, who owns the key has heard of it.
      await tellLeaks(parts, leakedOf(last), { release: null, at: Date.now() });
      const so: Reached = { run: attempt.run, after, found: shortened(together(known)) };
      await keepSetting(parts.store, reached, asJson(so));
    },
  );
  await keepSetting(parts.store, reached, null);
  return [...(before === null ? [] : [before.found as Looked]), ...found];
}
