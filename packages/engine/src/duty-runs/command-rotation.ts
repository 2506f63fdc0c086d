import type { CommandRotation, Repository } from "@fairway/core";
import { FairwayError, systemActor } from "@fairway/core";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { SecretControl } from "../secrets/secret-control.ts";
import type { CommandParts } from "../stages/step-command.ts";
import { keyPrograms } from "./key-programs.ts";

/** What an exchange by programs is made with. */
export interface CommandRotationParts extends CommandParts {
  readonly repository: Pick<Repository, "checkout">;
  readonly secretControl: Pick<SecretControl, "set" | "remove">;
  /** Gives the new key to the services; how that ended, once it has. */
  readonly giveOut: () => Promise<string>;
}

/**
 * Exchanges a key by programs of the repository, in the same phases as every other: make, store, give out, see that the new one
 * works, take the old one away, see that it is refused. What makes it writes the key to Fairway alone: it is in no log. Tried
 * again, it goes on with the key that was made.
 */
export async function commandRotation(
  parts: CommandRotationParts,
  attempt: Attempt,
  rotation: CommandRotation,
  { environment, sha }: { readonly environment: string; readonly sha: string },
): Promise<Outcome> {
  const { store: name, secrets: told } = rotation;
  const pending = `${name}_NEXT`;
  const valueOf = async (of: string): Promise<string | undefined> =>
    (await parts.secrets.lookUp(environment, [of]))[of];
  const programs = await keyPrograms(parts, attempt, { environment, sha, secrets: told, timeout: rotation.timeout });
  const before = await attempt.step("look", async () => {
    const now = await versionNow(parts, environment, name);
    const [key, next] = [await valueOf(name), await valueOf(pending)];
    // An earlier try has stored it already: what it exchanges is the key before.
    return key !== undefined && key === next ? earlier(parts, environment, name, { version: now, key }) : now;
  });
  const oldKey = async (): Promise<string> => {
    const old = (await parts.secrets.lookUpAt?.(environment, [name], { [name]: before }))?.[name];
    if (old === undefined) throw new FairwayError("internal", `${name} has lost its ${before}`);
    return old;
  };
  attempt.progress("making the new key");
  const why = await attempt.step("create", async () => {
    if ((await valueOf(pending)) !== undefined) return null;
    const lines: string[] = [];
    let answer = await programs.run("create", rotation.create, null, lines);
    // A daemon before this one has read what it wrote, and was killed before it kept that: it is asked for the same key again.
    if (answer.well && lines.length === 0) answer = await programs.run("create again", rotation.create, null, lines);
    if (!answer.well) return answer.reason;
    const [made = "", ...rest] = lines.map((line) => line.trim()).filter((line) => line !== "");
    if (made.length < 8 || rest.length > 0) return "it must write the new key on one line, and nothing else";
    if (made === (await oldKey())) return "it wrote the key that is in use";
    await parts.secretControl.set({ environment, name: pending, actor: systemActor, value: made });
    return null;
  });
  if (why !== null) return { outcome: "failed", reason: `no new key was made, and the old one is in use: ${why}` };
  const stored = await attempt.step("store", async () => {
    const made = await valueOf(pending);
    if (made === undefined)
      throw new FairwayError("not_allowed_now", `somebody took ${pending} away: ${name} was left as it is`, {
        hint: "begin the exchange again",
      });
    if ((await valueOf(name)) !== made)
      await parts.secretControl.set({ environment, name, actor: systemActor, value: made });
    return versionNow(parts, environment, name);
  });
  if (rotation.consumed) {
    attempt.progress("giving it to the services");
    const ended = await parts.giveOut();
    if (ended !== "succeeded")
      return { outcome: "failed", reason: `the services did not get the new key (${ended}); both keys work` };
  }
  const accepts = (step: string, key: string): Promise<boolean> => programs.accepts(step, rotation.verify, key);
  if (!(await attempt.step("new works", async () => accepts("new works", (await valueOf(name)) ?? ""))))
    return { outcome: "failed", reason: "the new key is refused; the old one still works" };
  attempt.progress("taking the old key away");
  const left = await attempt.step("revoke", async () => {
    const old = await oldKey();
    if (old === (await valueOf(name))) return `${name} is the old key again: it was left alone`;
    const answer = await programs.run("revoke", rotation.revoke, old, []);
    return answer.well ? null : answer.reason;
  });
  if (left !== null) return { outcome: "failed", reason: `the old key was not taken away: ${left}` };
  if (await attempt.step("old is refused", async () => accepts("old is refused", await oldKey())))
    return { outcome: "failed", reason: "the old key is still let in" };
  await attempt.step("close", async () => {
    if ((await valueOf(pending)) !== undefined)
      await parts.secretControl.remove({ environment, name: pending, actor: systemActor });
    return null;
  });
  return { outcome: "succeeded", result: { before, now: stored, new_works: true, old_refused: true } };
}

async function versionNow({ secrets }: CommandParts, environment: string, name: string): Promise<string> {
  const version = (await secrets.versions?.(environment, [name]))?.[name];
  if (version !== undefined && /^v\d+$/.test(version)) return version;
  throw new FairwayError("not_allowed_now", `${name} is not in the store of ${environment}`, {
    hint: `only what the store keeps can be exchanged: fairway secrets set ${name} --env ${environment}`,
  });
}

/** The newest version before one that holds another key. Throws `not_allowed_now` where there is none. */
async function earlier(
  { secrets }: CommandParts,
  environment: string,
  name: string,
  { version, key }: { readonly version: string; readonly key: string },
): Promise<string> {
  for (let number = Number(version.slice(1)) - 1; number > 0; number--) {
    const value = (await secrets.lookUpAt?.(environment, [name], { [name]: `v${number}` }))?.[name];
    if (value !== undefined && value !== key) return `v${number}`;
  }
  throw new FairwayError("not_allowed_now", `no version of ${name} in ${environment} is the key before`);
}
