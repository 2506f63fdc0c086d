import type { ReleaseId, RunId } from "@fairway/core";
import { inventoryDrift } from "@fairway/core";
import type { DutyControl, DutyRunControl, SecretControl } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

interface DutyRunHandlerParts {
  readonly runs: DutyRunControl;
  readonly duties: DutyControl;
  readonly secrets: Pick<SecretControl, "list">;
}

/** Duties that show themselves, and playbooks that are run. `show` gives a run as clients see it. */
export function dutyRunHandlers(
  { runs, duties, secrets }: DutyRunHandlerParts,
  show: (run: RunId) => ReturnType<Handlers["runDuty"]>,
): Pick<Handlers, "runDuty" | "playbooks" | "runPlaybook" | "credentials"> {
  return {
    runDuty: async ({ duty, release, by }) => show(await runs.run({ duty, release: release as ReleaseId | null, by })),
    credentials: async ({ env }) => {
      const { plan } = await duties.inForce();
      const standings = await duties.standings({ environment: env });
      const credentials = (plan.credentials ?? []).filter(
        ({ environments }) => env === undefined || environments.includes(env),
      );
      const drift = inventoryDrift(plan, await secrets.list());
      return {
        credentials: credentials.map(({ environments, consumers, ...credential }) => ({
          ...credential,
          environments: [...environments],
          consumers: [...consumers],
          duties: standings
            .filter(({ duty: { id } }) => id.startsWith(`credential/${credential.id}@`))
            .map(({ duty: { id, owner }, state, why, dueAt }) => ({ duty: id, owner, state, why, dueAt })),
        })),
        // They open the daemon and so every environment.
        tokens: (await duties.endingTokens()).map(({ id, name, owner, expiresAt, state }) => ({
          ...{ id, name, owner, expiresAt, state },
        })),
        drift: drift.filter(({ environment }) => env === undefined || environment === env).map((one) => ({ ...one })),
      };
    },
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
