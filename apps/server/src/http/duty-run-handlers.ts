import type { ReleaseId, RunId } from "@fairway/core";
import { tokenDuty } from "@fairway/core";
import type { DutyControl, DutyRunControl } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

interface DutyRunHandlerParts {
  readonly runs: DutyRunControl;
  readonly duties: DutyControl;
}

/** Duties that show themselves, and playbooks that are run. `show` gives a run as clients see it. */
export function dutyRunHandlers(
  { runs, duties }: DutyRunHandlerParts,
  show: (run: RunId) => ReturnType<Handlers["runDuty"]>,
): Pick<Handlers, "runDuty" | "playbooks" | "runPlaybook" | "credentials"> {
  return {
    runDuty: async ({ duty, release, by }) => show(await runs.run({ duty, release: release as ReleaseId | null, by })),
    credentials: async ({ env }) => {
      const { plan, found } = await duties.inForce();
      const standings = await duties.standings({ environment: env });
      const credentials = (plan.credentials ?? []).filter(
        ({ environments }) => env === undefined || environments.includes(env),
      );
      return {
        credentials: credentials.map(({ environments, consumers, ...credential }) => ({
          ...credential,
          environments: [...environments],
          consumers: [...consumers],
          duties: standings
            .filter(({ duty: { id } }) => id.startsWith(`credential/${credential.id}@`))
            .map(({ duty: { id, owner }, state, why, dueAt }) => ({ duty: id, owner, state, why, dueAt })),
        })),
        tokens: found.tokens.flatMap((token) => {
          const { state } = standings.find(({ duty: { id } }) => id === tokenDuty(token)) ?? {};
          return state === undefined ? [] : [{ ...token, duty: tokenDuty(token), state }];
        }),
        drift: found.drift
          .filter(({ environment }) => env === undefined || environment === env)
          .map((one) => ({ ...one })),
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
