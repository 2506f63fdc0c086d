import { setTimeout as wait } from "node:timers/promises";
import type { ReleaseId, Repository, RunId, SecretSource } from "@fairway/core";
import { FairwayError, isTerminal, systemActor } from "@fairway/core";
import {
  addressFor,
  baseRole,
  isLetIn,
  letIn,
  newPassword,
  nextRole,
  roleOf,
  shutOut,
} from "../database/role-rotation.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { SecretControl } from "../secrets/secret-control.ts";
import { runById } from "../store/runs.ts";
import type { Sql } from "../store/store.ts";
import type { Places } from "../rollouts/places.ts";
import type { RotationInput } from "./duty-run-plan.ts";
import type { CommandParts } from "../stages/step-command.ts";
import { commandRotation } from "./command-rotation.ts";
import { dutyStages } from "./duty-run-plan.ts";
import { managedRotation } from "./managed-rotation.ts";

/** What keys are exchanged with. */
export interface RotationParts extends CommandParts {
  readonly repository: Pick<Repository, "checkout">;
  readonly store: Sql;
  readonly secretControl: Pick<SecretControl, "set" | "remove">;
  /** Who exchanges what other stores keep; left out where nobody does. */
  readonly places?: Pick<Places, "rotator">;
  /**
   * Deploys again what an environment runs, so that services get the new key; null where it runs nothing. Asked twice by one
   * key, it is one run.
   */
  readonly redeploy: (asked: {
    readonly environment: string;
    readonly by: string;
    readonly key: string;
    readonly remedies: readonly string[];
  }) => Promise<RunId | null>;
}

/**
 * Exchanges a key in fixed phases, each recorded: make a new one, store it, give it to those who use it, see that it works,
 * take the old one away, see that it is refused. A daemon that is killed between any two goes on where it was, with the same
 * new key.
 */
export const rotationStage = (parts: RotationParts): Stage => ({
  name: dutyStages.rotation,
  async run(attempt: Attempt): Promise<Outcome> {
    const { duty, environment, rotation, by, sha = "" } = attempt.input as unknown as RotationInput;
    if (rotation.driver === "command") {
      const giveOut = async (): Promise<string> => {
        const run = await attempt.step("deploy", () =>
          parts.redeploy({ environment, by, key: `rotation/${attempt.id}`, remedies: [duty] }),
        );
        return run === null ? "succeeded" : attempt.step("wait", () => endOf(parts.store, run, attempt));
      };
      return commandRotation({ ...parts, giveOut }, attempt, rotation, { environment, sha });
    }
    if (rotation.driver === "aws-secrets-manager") {
      const managed = { rotator: parts.places?.rotator, endOf: (run: RunId) => endOf(parts.store, run, attempt) };
      return managedRotation({ ...parts, ...managed }, attempt, { duty, environment, by, sha }, rotation);
    }
    const { store: name, admin: adminName, consumed } = rotation;
    const pending = `${name}_NEXT`;
    const valueOf = (of: string): Promise<string> => valueIn(parts.secrets, environment, of);
    const set = async (of: string, value: string): Promise<number> =>
      (await parts.secretControl.set({ environment, name: of, actor: systemActor, value })).version;

    const before = await attempt.step("look", async () => {
      const role = roleOf(await valueOf(name), name);
      const version = (await parts.secrets.versions?.(environment, [name]))?.[name];
      if (version === undefined || !/^v\d+$/.test(version))
        throw new FairwayError("not_allowed_now", `${name} is not in the store of ${environment}`, {
          hint: `only what the store keeps can be exchanged: fairway secrets set ${name} --env ${environment}`,
        });
      // It would shut itself out, and nobody could let anybody in again.
      if (baseRole(roleOf(await valueOf(adminName), adminName)) === baseRole(role))
        throw new FairwayError("not_allowed_now", `${adminName} is an address of ${role} itself: nothing was changed`, {
          hint: `store an address of another role that may change roles as ${adminName}`,
        });
      if (!(await isLetIn(await valueOf(adminName))))
        throw new FairwayError("not_allowed_now", `${adminName} is refused: nothing was changed`);
      return pendingRole(await parts.secrets.lookUp(environment, [pending]), pending) === role
        ? // An earlier try has stored it already: what it exchanges is the key of the version before.
          { role: nextRole(role), version: await versionOf(parts.secrets, environment, name, nextRole(role), version) }
        : { role, version };
    });
    const next = nextRole(before.role);
    attempt.progress(`making ${next} the new key`);
    await attempt.step("create", async () => {
      const had = (await parts.secrets.lookUp(environment, [pending]))[pending];
      const address = had ?? addressFor(await valueOf(name), next, newPassword());
      // Kept before anybody else knows it: whoever comes back takes this one and makes no second.
      if (had === undefined) await set(pending, address);
      await letIn(await valueOf(adminName), address);
      return null;
    });
    const version = await attempt.step("store", async () => {
      const made = await valueOf(pending);
      const stored = (await parts.secrets.versions?.(environment, [name]))?.[name];
      return stored !== undefined && (await valueOf(name)) === made ? Number(stored.slice(1)) : set(name, made);
    });
    if (consumed) {
      attempt.progress("giving it to the services");
      const run = await attempt.step("deploy", () =>
        parts.redeploy({ environment, by, key: `rotation/${attempt.id}`, remedies: [duty] }),
      );
      const ended = run === null ? "succeeded" : await attempt.step("wait", () => endOf(parts.store, run, attempt));
      if (ended !== "succeeded")
        return { outcome: "failed", reason: `the services did not get the new key: ${run} ${ended}; both keys work` };
    }
    const works = await attempt.step("new works", async () => isLetIn(await valueOf(name)));
    if (!works)
      return { outcome: "failed", reason: `the new key is refused; the old one, ${before.role}, still works` };
    if (roleOf(await valueOf(name), name) !== next)
      return { outcome: "failed", reason: `${name} is not the key of ${next} any more: ${before.role} was left alone` };
    attempt.progress(`taking ${before.role} away`);
    await attempt.step("revoke", async () => {
      await shutOut(await valueOf(adminName), before.role);
      return null;
    });
    const oldWorks = await attempt.step("old is refused", async () => {
      const old = (await parts.secrets.lookUpAt?.(environment, [name], { [name]: before.version }))?.[name];
      if (old === undefined) throw new FairwayError("internal", `${name} has lost its ${before.version}`);
      return isLetIn(old);
    });
    if (oldWorks) return { outcome: "failed", reason: `the old key, ${before.role}, is still let in` };
    await attempt.step("close", async () => {
      const left = await parts.secrets.lookUp(environment, [pending]);
      if (left[pending] !== undefined)
        await parts.secretControl.remove({ environment, name: pending, actor: systemActor });
      return null;
    });
    return {
      outcome: "succeeded",
      result: { role: next, before: before.version, now: `v${version}`, new_works: true, old_refused: true },
    };
  },
});

const pendingRole = (found: Readonly<Record<string, string>>, pending: string): string | null => {
  const value = found[pending];
  return value === undefined ? null : roleOf(value, pending);
};

/** The newest version before one whose key is of a role. Throws `not_allowed_now` where there is none. */
async function versionOf(
  secrets: SecretSource,
  environment: string,
  name: string,
  role: string,
  before: string,
): Promise<string> {
  for (let number = Number(before.slice(1)) - 1; number > 0; number--) {
    const value = (await secrets.lookUpAt?.(environment, [name], { [name]: `v${number}` }))?.[name];
    if (value !== undefined && roleOf(value, name) === role) return `v${number}`;
  }
  throw new FairwayError("not_allowed_now", `no version of ${name} in ${environment} is a key of ${role}`, {
    hint: `take ${name}_NEXT away, and the exchange begins anew: fairway secrets remove ${name}_NEXT --env ${environment}`,
  });
}

async function endOf(store: Sql, run: RunId, { signal }: Attempt): Promise<string> {
  for (;;) {
    const { state } = await runById(store, run);
    if (isTerminal(state)) return state;
    await wait(500, undefined, { signal });
  }
}

async function valueIn(secrets: SecretSource, environment: string, name: string): Promise<string> {
  const value = (await secrets.lookUp(environment, [name]))[name];
  if (value !== undefined) return value;
  throw new FairwayError("secret_missing", `${environment} has no value for ${name}`, {
    hint: `give it a value: fairway secrets set ${name} --env ${environment}`,
  });
}

/** Deploys what runs there again. */
export const redeployOf =
  (
    current: (environment: string) => Promise<{ readonly id: ReleaseId } | null>,
    deploy: (request: {
      readonly environment: string;
      readonly release: ReleaseId;
      readonly by: string;
      readonly key: string;
      readonly remedies: readonly string[];
    }) => Promise<RunId>,
  ): RotationParts["redeploy"] =>
  async (asked) => {
    const running = await current(asked.environment);
    return running === null ? null : deploy({ ...asked, release: running.id });
  };
