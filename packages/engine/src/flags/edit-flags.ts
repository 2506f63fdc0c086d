import type { Flag, FlagDiff, FlagSet } from "@fairway/core";
import { FairwayError, asFlagSet, diffFlags, flagProblemText, flagSetProblems, sameJson } from "@fairway/core";
import type { FlagEditor, StoredFlags } from "../store/flags.ts";
import { holdFlags, writeFlags } from "../store/flags.ts";
import type { Store, Transaction } from "../store/store.ts";
import { refusedBySchema } from "./flag-evaluation.ts";

/** One edit of the flags of one environment. */
export interface FlagEdit extends FlagEditor {
  readonly environment: string;
  /** The flags as they are to be. It is asked again when two edits meet; a throw refuses the edit. */
  readonly change: (set: FlagSet, tx: Transaction) => FlagSet | Promise<FlagSet>;
  /** The version that a flag must have still, 0 for one that must not be there. */
  readonly expected?: { readonly key: string; readonly version: number } | undefined;
}

/** What came of an edit. */
export interface FlagEdited {
  readonly environment: string;
  readonly version: number;
  readonly set: FlagSet;
  readonly diffs: readonly FlagDiff[];
  /** By key. */
  readonly flags: readonly Flag[];
}

/**
 * Carries edits out, all or none, with a row of record for each flag that changes. An edit that changes nothing leaves
 * nothing. Throws `flags_invalid` with every problem, and `version_conflict` when somebody else was there before.
 */
export async function editFlags(store: Store, edits: readonly FlagEdit[]): Promise<readonly FlagEdited[]> {
  // In one order everywhere, so that no two wait for each other.
  const inOrder = edits.toSorted((a, b) => (a.environment < b.environment ? -1 : 1));
  return store.transaction(async (tx) => {
    const done: FlagEdited[] = [];
    for (const edit of inOrder) {
      const held = await holdFlags(tx, edit.environment);
      assertExpected(held, edit);
      const set = await edit.change(held.set, tx);
      const diffs = diffFlags(held.set, set);
      if (diffs.length === 0 && sameJson(restOf(held.set), restOf(set))) {
        done.push({ environment: edit.environment, version: held.version, set: held.set, diffs, flags: held.flags });
        continue;
      }
      await assertSound(set, edit.environment);
      const version = await writeFlags(tx, held, set, diffs, edit);
      const now = new Date().toISOString();
      const changed = new Set(diffs.map(({ key }) => key));
      const before = new Map(held.flags.map((flag) => [flag.key, flag]));
      const flags = Object.entries(set.flags)
        .map(
          ([key, definition]) =>
            before.get(changed.has(key) ? "" : key) ?? { key, definition, version, changedAt: now },
        )
        .toSorted((a, b) => (a.key < b.key ? -1 : 1));
      done.push({ environment: edit.environment, version, set, diffs, flags });
    }
    return done;
  });
}

const restOf = ({ flags: _flags, ...rest }: FlagSet): Omit<FlagSet, "flags"> => rest;

function assertExpected({ flags }: StoredFlags, { environment, expected }: FlagEdit): void {
  if (expected === undefined) return;
  const { key, version } = expected;
  const found = flags.find((flag) => flag.key === key)?.version ?? 0;
  if (found === version) return;
  throw new FairwayError(
    "version_conflict",
    found === 0
      ? `${key} is not in ${environment} any more`
      : version === 0
        ? `${key} is in ${environment} already, at version ${found}`
        : `${key} was changed in ${environment}: it is at version ${found}, not ${version}`,
    { hint: `look at it again: fairway flags show ${environment} ${key}` },
  );
}

/** What was given as a set of flags, when it is one. Throws `flags_invalid` with every problem. */
export async function assertFlagSet(given: unknown, environment: string): Promise<FlagSet> {
  await assertSound(given, environment);
  return asFlagSet(given);
}

async function assertSound(given: unknown, environment: string): Promise<void> {
  const problems = flagSetProblems(given);
  const refused = problems.length > 0 ? null : await refusedBySchema(asFlagSet(given));
  const lines = [
    ...problems.map(flagProblemText),
    ...(refused === null ? [] : [`${refused.pointer}: flagd's schema refuses it: ${refused.message}`]),
  ];
  if (lines.length === 0) return;
  throw new FairwayError(
    "flags_invalid",
    `these flags cannot be put into ${environment}: ${lines.length === 1 ? lines[0] : `${lines.length} problems`}`,
    { problems: lines, hint: "nothing was changed; mend what is listed, and say it again" },
  );
}
