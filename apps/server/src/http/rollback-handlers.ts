import type { QuarantineShape, RollbackPlanShape } from "@fairway/api";
import type { ReleaseId, RunId } from "@fairway/core";
import { FairwayError, quarantineHint, quarantineSentence } from "@fairway/core";
import type { Control, PlannedRollback, QuarantineRecord, Store } from "@fairway/engine";
import { addQuarantine, liftQuarantine, listQuarantine, quarantineOf, releaseById } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";
import { planView } from "./views.ts";

export interface RollbackHandlerParts {
  readonly store: Store;
  readonly control: Control;
}

type RollbackOperations = "rollbackPlan" | "rollback" | "quarantines" | "quarantine" | "liftQuarantine";

/** The way back, and what must not come again. `show` gives a run as clients see it. */
export function rollbackHandlers(
  { store, control: { plane } }: RollbackHandlerParts,
  show: (run: RunId) => ReturnType<Handlers["rollback"]>,
): Pick<Handlers, RollbackOperations> {
  return {
    rollbackPlan: async ({ environment, release, only, force }) =>
      rollbackView(
        await plane.rollbacks.plan({
          environment,
          release: (release ?? null) as ReleaseId | null,
          only: only === undefined ? undefined : listed(only.split(",")),
          force: force === "true",
        }),
      ),
    rollback: async ({ environment, release, only, reason, force, by }) =>
      show(
        await plane.rollbacks.start({
          environment,
          release: release as ReleaseId | null,
          only: only === null ? undefined : listed(only),
          force,
          by,
          because: reason,
        }),
      ),
    quarantines: async ({ all }) => (await listQuarantine(store, all === "true")).map(quarantineView),
    quarantine: async ({ release, by, reason }) =>
      quarantineView({ ...(await addQuarantine(store, { release: release as ReleaseId, by, reason })), lifted: null }),
    liftQuarantine: async ({ release, by, reason }) =>
      quarantineView(await liftQuarantine(store, { release: release as ReleaseId, by, reason })),
  };
}

/** Each once, in an order that does not depend on who asks. */
const listed = (names: readonly string[]): readonly string[] =>
  [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))].toSorted();

const rollbackView = ({
  back,
  joins,
  stops,
  quarantines,
  warnings,
  ...planned
}: PlannedRollback): RollbackPlanShape => ({
  plan: planView(planned),
  parts: back.parts.map((part) => ({ ...part })),
  expected: back.expected,
  joins,
  stops,
  quarantines,
  warnings: [...warnings],
});

const quarantineView = (record: QuarantineRecord): QuarantineShape => ({ ...record });

/**
 * Refuses to try a deployment again whose release is in quarantine by now. The deployment would find out itself, once it
 * holds the environment; whoever asks hears it at once. Throws `quarantined`.
 */
export async function assertMayRetry(
  store: Store,
  run: { readonly kind: string; readonly subject: unknown },
): Promise<void> {
  const { release } = run.subject as { readonly release?: ReleaseId };
  if (run.kind !== "deployment" || release === undefined) return;
  const quarantine = await quarantineOf(store, (await releaseById(store, release)).digest);
  if (quarantine)
    throw new FairwayError("quarantined", quarantineSentence(release, quarantine), { hint: quarantineHint(release) });
}
