import type { Actor, ProjectPreviews, Sha } from "@fairway/core";
import { actorLabel, codeOf, FairwayError, previewOfPull } from "@fairway/core";
import { recordAudit } from "../store/audit.ts";
import type { Preview } from "../store/previews.ts";
import { changePreview, livePreviews } from "../store/previews.ts";
import { openPulls } from "../store/pulls.ts";
import type { Store } from "../store/store.ts";
import { assertLabel, labelOfRef } from "./preview-label.ts";
import type { PreviewParts } from "./preview-parts.ts";
import { previewSettings } from "./preview-parts.ts";
import { keepOpened, previewNamed } from "./preview-record.ts";
import { movedTo, pullMoves } from "./pull-moves.ts";
import { pullOfRef } from "./pull-of-ref.ts";

type OpenParts = Pick<PreviewParts, "store" | "forge" | "history" | "project" | "repository">;

/** What whoever asks for a preview says. */
export interface PreviewRequest {
  /** A branch, a tag, a commit, or the number of an open pull request. */
  readonly ref: string;
  /** Null takes one made of the ref. */
  readonly name: string | null;
}

/**
 * Opens one; the one that is there already shows what its ref is now. Throws `bad_request`, `not_allowed_now`,
 * `revision_not_found`.
 */
export async function openPreview(parts: OpenParts, { ref, name }: PreviewRequest, actor: Actor): Promise<Preview> {
  const { store } = parts;
  const wanted = await previewSettings(parts);
  if (wanted === null)
    throw new FairwayError("not_allowed_now", "the configuration of the main branch says nothing of previews", {
      hint: "write previews: {} into it",
    });
  const live = await livePreviews(store);
  const number = await pullOfRef(ref, {
    isPull: async (of) =>
      live.some((one) => one.name === previewOfPull(of)) || (await openPullOf(parts, of)) !== undefined,
    isRevision: async (of) => isRevision(parts.repository, of),
  });
  const wasThere = live.find(
    (one) => one.name === (number === null ? (name ?? labelOfRef(ref)) : previewOfPull(number)),
  );
  if (wasThere === undefined && live.length >= wanted.most)
    throw new FairwayError(
      "not_allowed_now",
      `there are ${live.length} previews already, and no more than ${wanted.most} at once`,
      {
        hint: "close one: fairway preview close NAME",
      },
    );
  if (number !== null && name === null) return wasThere ?? openPull(parts, number, wanted);
  if (name !== null) assertLabel(name);
  const label = name ?? labelOfRef(ref);
  const revision = await parts.repository.resolve(ref);
  await refuseForks(parts, ref, revision.sha);
  const known = [await parts.project(), (await parts.forge()).project].flatMap((one) => one?.environments ?? []);
  if (known.some((environment) => environment.name === label))
    throw new FairwayError("not_allowed_now", `${label} is an environment already`, {
      hint: "give it another name with --name",
    });
  const branch = await (await parts.history()).tip(`refs/heads/${ref}`);
  const full = branch === revision.sha ? `refs/heads/${ref}` : ref;
  if (wasThere !== undefined) return again(store, wasThere, full, revision.sha, actor);
  const kept = await keepOpened(
    store,
    {
      name: label,
      pull: null,
      ref: full,
      title: revision.subject,
      fromFork: false,
      sha: revision.sha,
      state: "open",
      why: "",
      settings: wanted,
      openedBy: actorLabel(actor),
    },
    actor,
  );
  return kept ?? previewNamed(store, label);
}

const openPullOf = async ({ store, forge }: Pick<OpenParts, "store" | "forge">, number: number) =>
  (await openPulls(store, (await forge()).forge.name)).find((one) => one.number === number);

async function isRevision(repository: OpenParts["repository"], ref: string): Promise<boolean> {
  try {
    await repository.resolve(ref);
    return true;
  } catch (error) {
    if (codeOf(error) === "revision_not_found") return false;
    throw error;
  }
}

async function openPull(parts: OpenParts, number: number, wanted: ProjectPreviews): Promise<Preview> {
  const { store } = parts;
  const pull = await openPullOf(parts, number);
  if (pull === undefined)
    throw new FairwayError("not_found", `${(await parts.forge()).forge.name} has no open pull request ${number}`);
  const [move] = pullMoves({
    settings: { ...wanted, pullRequests: true },
    pulls: [{ ...pull, isNews: true }],
    live: (await livePreviews(store))
      .filter((one) => one.pull !== null && one.pull !== number)
      .map((one) => ({ ...one, pull: 0, state: "ending" as const })),
    ended: new Map(),
  });
  if (move?.do !== "open") throw new FairwayError("not_allowed_now", "forks get no previews here");
  return (await keepOpened(store, move.preview, null)) ?? previewNamed(store, previewOfPull(number));
}

/** What is a fork's is let in by its number, and not by a name for the same commit. */
async function refuseForks(parts: OpenParts, ref: string, sha: Sha): Promise<void> {
  const { forge } = await parts.forge();
  const pull = (await openPulls(parts.store, forge.name)).find((one) => one.fromFork && one.sha === sha);
  if (pull === undefined && !/^refs\/(?:pull|fairway)\//u.test(ref)) return;
  throw new FairwayError("not_allowed_now", "the commit is that of a pull request", {
    hint: `open it by its number: fairway preview open ${pull?.number ?? "NUMBER"}`,
  });
}

/** The same asked for once more: it shows what the ref is now. */
async function again(store: Store, preview: Preview, ref: string, sha: Sha, actor: Actor): Promise<Preview> {
  if (preview.pull !== null || preview.ref !== ref || preview.state === "ending")
    throw new FairwayError(
      "not_allowed_now",
      `${preview.name} is the preview of ${preview.ref}, opened by ${preview.openedBy}`,
      {
        hint:
          preview.state === "ending"
            ? "it is being taken away: try again in a moment"
            : "give this one another name with --name",
      },
    );
  if (preview.sha !== sha)
    await store.transaction(async (tx) => {
      await changePreview(tx, preview, movedTo(preview, sha));
      recordAudit(tx, {
        actor,
        action: "preview.opened",
        subject: preview.name,
        environment: preview.name,
        detail: { ref, sha },
      });
    });
  return previewNamed(store, preview.name);
}
