import type { Actor } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { recordAudit, recordChange } from "../store/audit.ts";
import type { NewPreview, Preview, PreviewEnd } from "../store/previews.ts";
import { changePreview, keepPreview, previewByName } from "../store/previews.ts";
import type { Store } from "../store/store.ts";

/**
 * Has there be a preview, and puts that on record; null where there is one of that name already. Without an actor it is done
 * for whoever acts here.
 */
export async function keepOpened(store: Store, preview: NewPreview, actor: Actor | null): Promise<Preview | null> {
  return store.transaction(async (tx) => {
    const kept = await keepPreview(tx, preview);
    const record = {
      action: "preview.opened" as const,
      subject: preview.name,
      environment: preview.name,
      detail: { ref: preview.ref, sha: preview.sha, fork: preview.fromFork },
    };
    if (kept === null) return null;
    if (actor === null) recordChange(tx, record.action, record);
    else recordAudit(tx, { actor, ...record });
    return kept;
  });
}

/** Has one taken away, and puts that on record. One that has changed meanwhile is left to the next look. */
export async function endPreview(
  store: Store,
  preview: Preview,
  { endedFor, why, actor }: { readonly endedFor: PreviewEnd; readonly why: string; readonly actor: Actor | null },
): Promise<void> {
  await store.transaction(async (tx) => {
    const changed = await changePreview(tx, preview, { state: "ending", endedFor, why });
    if (changed === null) return;
    const record = {
      action: "preview.ending" as const,
      subject: preview.name,
      environment: preview.name,
      detail: { why },
    };
    if (actor === null) recordChange(tx, record.action, record);
    else recordAudit(tx, { actor, ...record });
  });
}

/** The newest of a name. Throws `not_found`. */
export async function previewNamed(store: Store, name: string): Promise<Preview> {
  const found = await previewByName(store, name);
  if (found !== null) return found;
  throw new FairwayError("not_found", `there is no preview "${name.slice(0, 100)}"`, {
    hint: "`fairway preview list` lists them",
  });
}
