import type { Argv, StoredExchange } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { KeyPrograms } from "./key-programs.ts";

/** What an exchange in somebody else's store is made with. */
export interface StoredRotationParts {
  readonly exchange: StoredExchange;
  readonly programs: KeyPrograms;
  readonly create: Argv;
  readonly verify: Argv;
  readonly revoke: Argv;
  /** As people know it. */
  readonly secret: string;
  /** Gives the new key to the services; how that ended, once it has. */
  readonly giveOut: () => Promise<string>;
}

/**
 * Exchanges a key that somebody else's store keeps, by programs: the new one is made and put aside, tried while nobody uses it,
 * made the current one and given out; then the old one is taken away, and tried. A daemon that is killed in between goes on
 * where the store stands, with the same new key. No value is in a result or a log.
 */
export async function storedRotation(parts: StoredRotationParts, attempt: Attempt): Promise<Outcome> {
  const { exchange, programs, secret } = parts;
  const { before, version } = await attempt.step("look", async () => {
    const seen = await exchange.look();
    return { before: seen.before, version: seen.version };
  });
  const failed = (reason: string): Outcome => ({ outcome: "failed", reason, result: { before, now: version } });

  attempt.progress("making the new key");
  const why = await attempt.step("create", async () => {
    if ((await exchange.look()).stands !== "not begun") return null;
    const lines: string[] = [];
    let answer = await programs.run("create", parts.create, null, lines);
    // A daemon before this one has read what it wrote, and was killed before it kept that: it is asked for the same key again.
    if (answer.well && lines.length === 0) answer = await programs.run("create again", parts.create, null, lines);
    if (!answer.well) return answer.reason;
    const [made = "", ...rest] = lines.map((line) => line.trim()).filter((line) => line !== "");
    if (made.length < 8 || rest.length > 0) return "it must write the new key on one line, and nothing else";
    if (made === (await exchange.oldValue())) return "it wrote the key that is in use";
    await exchange.putAside(made);
    return null;
  });
  if (why !== null) return failed(`no new key was made, and the old one is in use: ${why}`);

  attempt.progress("trying it before anybody uses it");
  const isGood = async (): Promise<boolean> => programs.accepts("new works", parts.verify, await exchange.newValue());
  if (!(await attempt.step("new works", isGood))) {
    // Nobody would know of it any more, and a vendor who refuses it now may let it in later.
    const there = await attempt.step("take the refused one away", async () => {
      const made = await exchange.newValue();
      if (made === (await exchange.oldValue())) return "it is the key that is in use";
      const answer = await programs.run("take the refused one away", parts.revoke, made, []);
      return answer.well ? null : answer.reason;
    });
    await attempt.step("give up", async () => {
      const { stands } = await exchange.look();
      if (stands === "current") await exchange.takeBack();
      else await exchange.close();
      return null;
    });
    const left = there === null ? "was taken away" : `may still be at the vendor: ${there}`;
    return failed(`the new key is refused: the old one of ${secret} stays in use, and the new one ${left}`);
  }
  await attempt.step("current", async () => {
    await exchange.makeCurrent();
    return null;
  });

  const ended = await parts.giveOut().catch((thrown: unknown): never => {
    // Whoever is stopped or lets go hears nothing of keys: the exchange stands where the next try finds it.
    if (attempt.signal.aborted || !(thrown instanceof FairwayError)) throw thrown;
    const why = `giving the new key of ${secret} to the services went wrong: ${thrown.message}`;
    const keys = `the new one, ${version}, works and is current; the old one, ${before ?? "which has no version"}, was not taken away`;
    throw new FairwayError(thrown.code, `${why}; ${keys}`, {
      hint: `when that is out of the way, go on with the same key: fairway run retry ${attempt.run}`,
      cause: thrown,
      retryable: thrown.retryable,
    });
  });
  if (ended !== "succeeded") {
    await attempt.step("take back", async () => {
      await exchange.takeBack();
      return null;
    });
    return failed(`the services did not get the new key (${ended}): the old one is current again, and both work`);
  }

  attempt.progress("taking the old key away");
  const left = await attempt.step("revoke", async () => {
    if ((await exchange.look()).stands !== "current")
      return `another version of ${secret} is current: it was left alone`;
    const old = await exchange.oldValue();
    if (old === null) return "it is not kept any more";
    if (old === (await exchange.newValue())) return "it is the key that is in use";
    const answer = await programs.run("revoke", parts.revoke, old, []);
    return answer.well ? null : answer.reason;
  });
  if (left !== null) return failed(`the old key was not taken away: ${left}`);
  const isLetIn = await attempt.step("old is refused", async () => {
    const old = await exchange.oldValue();
    return old === null ? null : programs.accepts("old is refused", parts.verify, old);
  });
  if (isLetIn !== false)
    return failed(isLetIn === null ? "the old key is not there any more to be tried" : "the old key is still let in");
  await attempt.step("close", async () => {
    await exchange.close();
    return null;
  });
  return { outcome: "succeeded", result: { before, now: version, new_works: true, old_refused: true } };
}
