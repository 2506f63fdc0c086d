import type { ReleaseId, RunId } from "@fairway/core";
import type { DutyRunControl } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

/** Duties that show themselves, and playbooks that are run. `show` gives a run as clients see it. */
export function dutyRunHandlers(
  runs: DutyRunControl,
  show: (run: RunId) => ReturnType<Handlers["runDuty"]>,
): Pick<Handlers, "runDuty" | "playbooks" | "runPlaybook"> {
  return {
    runDuty: async ({ duty, release, by }) => show(await runs.run({ duty, release: release as ReleaseId | null, by })),
    playbooks: async () =>
      (await runs.playbooks()).map(({ id, title, owner, file, sha256, reviewed, steps }) => ({
        ...{ id, title, owner, file, sha256, reviewed },
        steps: steps.map(({ name, language, text, approval, idempotent }) => ({
          ...{ name, language, text, approval, idempotent },
        })),
      })),
    runPlaybook: async ({ playbook, environment, by }) => show(await runs.runPlaybook({ playbook, environment, by })),
  };
}
