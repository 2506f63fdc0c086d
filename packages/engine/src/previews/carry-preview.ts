import type { ReleaseId, RunId } from "@fairway/core";
import { codeOf, isTerminal, messageOf } from "@fairway/core";
import type { Run } from "../store/runs.ts";
import { resultsOf } from "../store/jobs.ts";
import type { Preview, PreviewChange } from "../store/previews.ts";
import { changePreview } from "../store/previews.ts";
import { releaseById } from "../store/releases.ts";
import { runById } from "../store/runs.ts";
import { planPreviewEnd } from "./end-preview.ts";
import type { PreviewParts } from "./preview-parts.ts";

type CarryParts = Pick<PreviewParts, "store" | "engine" | "plane" | "repository" | "places" | "forge" | "log">;

/** After a try to end one has failed it is tried again, and not at once. */
const pause = 10_000;

/**
 * Takes a preview one step on: its release is made, deployed, or what it has is taken away. Everything is started by a key, so
 * a daemon that dies in between starts nothing twice. Throws only that the database is away.
 */
export async function carryPreview(parts: CarryParts, preview: Preview): Promise<void> {
  try {
    if (preview.state === "ending") await end(parts, preview);
    else if (preview.state === "open") await bring(parts, preview);
    else await stop(parts, preview);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "database_unavailable" || code === "disk_full") throw thrown;
    const mayPass = thrown instanceof Error && "retryable" in thrown && thrown.retryable === true;
    if (mayPass) return parts.log("warn", `${preview.name}: ${messageOf(thrown)}`);
    await change(parts, preview, { why: reasonOf(thrown), releaseTurn: preview.turn });
  }
}

const change = (parts: CarryParts, preview: Preview, to: PreviewChange): Promise<unknown> =>
  parts.store.transaction((tx) => changePreview(tx, preview, to));

function reasonOf(thrown: unknown): string {
  const problems = thrown instanceof Error && "problems" in thrown ? (thrown.problems as readonly string[]) : [];
  return [messageOf(thrown), ...problems].join("\n");
}

const by = ({ name, openedBy, pull }: Preview): string => (pull === null ? openedBy : `${openedBy} (preview ${name})`);

async function bring(parts: CarryParts, preview: Preview): Promise<void> {
  const { store, plane } = parts;
  if (preview.releaseTurn !== preview.turn) return make(parts, preview);
  if (preview.releaseRun === null || preview.deployRun !== null || preview.why !== "") return;
  const run = await runById(store, preview.releaseRun);
  if (run.state !== "succeeded") return;
  const made = (await resultsOf(store, run.id, ["release"])).get("release") as
    | { readonly release?: ReleaseId }
    | undefined;
  if (made?.release === undefined)
    return change(parts, preview, { why: `${run.id} made no release` }).then(() => undefined);
  const release = await releaseById(store, made.release);
  const [environment] = release.project.environments;
  const hosts = [...new Set((environment?.placements ?? []).flatMap(({ routes }) => routes.map(({ host }) => host)))];
  const key = `preview-${preview.id}/${preview.turn}/deploy`;
  const deployRun = await plane.deploy({ environment: preview.name, release: release.id, by: by(preview), key });
  await change(parts, preview, { deployRun, hosts, url: environment?.url ?? null });
}

async function make(parts: CarryParts, preview: Preview): Promise<void> {
  const { plane, repository, forge, places } = parts;
  // What it showed before is of no use to anybody any more, unless it is on its way already.
  if (preview.releaseRun !== null) await cancel(parts, preview.releaseRun);
  const resolve = () => repository.resolve(preview.sha);
  const revision = await resolve().catch(async (thrown: unknown) => {
    if (codeOf(thrown) !== "revision_not_found") throw thrown;
    await (await forge()).forge.fetch([preview.ref]);
    return resolve();
  });
  const releaseRun = await plane.makeRelease({
    ref: preview.sha,
    revision: { ...revision, ref: preview.pull === null ? revision.ref : preview.name },
    by: by(preview),
    deploy: false,
    uncommitted: "ignore",
    key: `preview-${preview.id}/${preview.turn}`,
    preview: {
      name: preview.name,
      purpose: preview.pull === null ? `preview of ${preview.ref}` : `pull request ${preview.pull}`,
      settings: preview.settings,
      trusted: !preview.fromFork,
      urlOf: places.publicUrl,
    },
  });
  await change(parts, preview, { releaseTurn: preview.turn, releaseRun, deployRun: null, why: "" });
}

/** A preview that waits for somebody's yes shows nothing new meanwhile. */
async function stop(parts: CarryParts, { releaseRun, releaseTurn, turn }: Preview): Promise<void> {
  if (releaseRun !== null && releaseTurn !== turn) await cancel(parts, releaseRun);
}

async function end(parts: CarryParts, preview: Preview): Promise<void> {
  const { store, engine } = parts;
  const busy = await Promise.all([preview.releaseRun, preview.deployRun].map((run) => cancel(parts, run)));
  if (busy.includes(true)) return;
  const before = preview.endRun === null ? null : await runById(store, preview.endRun);
  if (before !== null && !mayTryAgain(before)) return;
  const { id, name, why } = preview;
  const plan = planPreviewEnd({ environment: name, preview: id, why }, "fairway");
  const endRun = await engine.startRun(plan, { key: `preview-${id}/end after ${preview.endRun ?? "nothing"}` });
  await change(parts, preview, { endRun });
}

const mayTryAgain = ({ state, endedAt }: Run): boolean =>
  isTerminal(state) && state !== "succeeded" && endedAt !== null && Date.now() - Date.parse(endedAt) > pause;

/** Has a run stop; whether it still goes on. */
async function cancel({ store, engine }: CarryParts, id: RunId | null): Promise<boolean> {
  if (id === null) return false;
  const run = await runById(store, id);
  if (isTerminal(run.state)) return false;
  if (!run.stopping)
    await engine.cancel(id, { by: "fairway", force: true }).catch((thrown: unknown) => {
      // It is about to end by itself.
      if (codeOf(thrown) !== "not_allowed_now") throw thrown;
    });
  return true;
}
