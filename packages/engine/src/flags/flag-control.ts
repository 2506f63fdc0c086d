import type { FlagChange, FlagSource, Staleness } from "@fairway/core";
import { FairwayError, resolveSharedRules, stalenessOf } from "@fairway/core";
import type { FlagAccess, StoredFlags } from "../store/flags.ts";
import { changeFlagAccess, flagAccess, flagChanges, flagPasts, hasEditedFlags, storedFlags } from "../store/flags.ts";
import type { Store } from "../store/store.ts";
import type { FlagEdit, FlagEdited } from "./edit-flags.ts";
import { editFlags } from "./edit-flags.ts";
import type { FlagKeyHolder, FlagKeyKind } from "./flag-keys.ts";
import { flagKeys } from "./flag-keys.ts";
import type { LiveFlags } from "./live-flags.ts";
import { liveFlags } from "./live-flags.ts";

/** A flag that can go, and why. */
export interface StaleFlag extends Staleness {
  readonly environment: string;
  readonly key: string;
}

/** The built-in store of feature flags. */
export interface FlagControl {
  /** As they are served. */
  readonly live: LiveFlags;
  stored(environment: string): Promise<StoredFlags>;
  /** Carries edits out, all or none; when it answers, they are served. */
  edit(edits: readonly FlagEdit[]): Promise<readonly FlagEdited[]>;
  /** The newest first. */
  history(
    environment: string,
    which: { readonly key?: string | null; readonly limit: number },
  ): Promise<readonly FlagChange[]>;
  /** Whether somebody, a run say, ever changed a flag of an environment. */
  wasEditedBy(environment: string, by: string): Promise<boolean>;
  /** The flags of an environment that have given the same to everybody for so many days. */
  stale(environment: string, days: number, now: number): Promise<readonly StaleFlag[]>;
  /** The key that reads an environment's flags. */
  keyOf(environment: string, kind: FlagKeyKind): Promise<string>;
  /** Replaces a key, or says whose pages may ask; what is null stays. */
  changeAccess(
    environment: string,
    change: { readonly replace: FlagKeyKind | null; readonly origins: readonly string[] | null },
  ): Promise<FlagAccess>;
  /** Whose key this is; null for one that opens nothing. */
  holderOf(key: string): FlagKeyHolder | null;
  close(): Promise<void>;
}

/** Opens the store of flags, and reads them all. */
export async function openFlags(
  store: Store,
  nameSecret: (environment: string, name: string, value: string) => string,
  tell: (problem: string) => void,
): Promise<FlagControl> {
  const live = await liveFlags(store, tell);
  const keys = flagKeys(nameSecret);
  const accessOf = async (environment: string): Promise<FlagAccess> =>
    (await flagAccess(store)).find((one) => one.environment === environment) ?? {
      environment,
      serverKeys: 1,
      clientKeys: 1,
      origins: [],
    };
  return {
    live,
    stored: (environment) => storedFlags(store, environment),
    async edit(edits) {
      const done = await editFlags(store, edits);
      for (const { environment, version, set } of done) if (version > 0) live.put(environment, version, set);
      // Of an environment that had no flags before, nobody knows the keys yet.
      const known = new Set(live.access().map(({ environment }) => environment));
      if (done.some(({ environment }) => !known.has(environment))) await live.refresh();
      return done;
    },
    history: (environment, which) => flagChanges(store, environment, which),
    wasEditedBy: (environment, by) => hasEditedFlags(store, environment, by),
    async stale(environment, days, now) {
      const pasts = await flagPasts(store, environment);
      return [...pasts].flatMap(([key, past]) => {
        const found = stalenessOf(past, now, days);
        return found === null ? [] : [{ environment, key, ...found }];
      });
    },
    keyOf: async (environment, kind) => keys.keyFor(await accessOf(environment), kind),
    async changeAccess(environment, change) {
      for (const origin of change.origins ?? []) assertOrigin(origin);
      await store.transaction((tx) => changeFlagAccess(tx, environment, change));
      await live.refresh();
      return accessOf(environment);
    },
    holderOf: (key) => keys.holderOf(key, live.access()),
    close: () => live.close(),
  };
}

/** As a browser writes it in the header `Origin`: no path, no star, nothing that it would write otherwise. */
function assertOrigin(origin: string): void {
  const parsed = URL.canParse(origin) ? new URL(origin) : null;
  if (parsed !== null && ["http:", "https:"].includes(parsed.protocol) && parsed.origin === origin) return;
  throw new FairwayError("bad_request", `"${origin}" is not the origin of a page`, {
    hint: `write scheme, host and port only: ${parsed?.origin.startsWith("http") ? parsed.origin : "https://shop.example"}`,
  });
}

/** The built-in store as a source of snapshots; shared rules are in place, so that a change of one shows. */
export const builtInFlags = (store: Store): FlagSource => ({
  kind: "built-in",
  async snapshot(environment) {
    const { flags } = resolveSharedRules((await storedFlags(store, environment)).set);
    return {
      flags: Object.fromEntries(
        Object.entries(flags).map(([key, flag]) => [key, { on: flag.state === "ENABLED", definition: { ...flag } }]),
      ),
    };
  },
});
