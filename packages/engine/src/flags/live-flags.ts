import { createHash } from "node:crypto";
import type { FlagSet } from "@fairway/core";
import { messageOf, resolveSharedRules } from "@fairway/core";
import type { FlagAccess } from "../store/flags.ts";
import { flagAccess, flagVersions, storedFlags } from "../store/flags.ts";
import type { Store } from "../store/store.ts";
import type { FlagEvaluator } from "./flag-evaluation.ts";
import { flagEvaluator } from "./flag-evaluation.ts";

/** The flags of one environment as they are served. */
export interface LiveSet {
  readonly environment: string;
  readonly version: number;
  readonly set: FlagSet;
  /** The set in flagd's JSON with its shared rules in place, as others read it. */
  readonly text: string;
  /** Of the text; quoted, as HTTP writes it. */
  readonly etag: string;
  /** Made when it is first asked for. */
  readonly evaluator: () => Promise<FlagEvaluator>;
}

/** The flags of every environment, in memory: they are served while the database is away, too. */
export interface LiveFlags {
  of(environment: string): LiveSet | null;
  access(): readonly FlagAccess[];
  /** Hears of each environment whose flags have changed, after they have. */
  onChange(listener: (live: LiveSet) => void): () => void;
  /** Serves what was written just now, without asking for it again; what is older than what is served is left. */
  put(environment: string, version: number, set: FlagSet): void;
  /** Reads what has changed. Calls come together. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Reads all flags, and again whenever somebody says that they have changed. */
export async function liveFlags(store: Store, tell: (problem: string) => void): Promise<LiveFlags> {
  const sets = new Map<string, LiveSet>();
  const listeners = new Set<(live: LiveSet) => void>();
  let access: readonly FlagAccess[] = [];

  async function read(): Promise<void> {
    const versions = await flagVersions(store);
    access = await flagAccess(store);
    for (const [environment, version] of versions) {
      if (!isNews(environment, version)) continue;
      const { version: now, set } = await storedFlags(store, environment);
      put(environment, now, set);
    }
  }

  const isNews = (environment: string, version: number): boolean => (sets.get(environment)?.version ?? -1) < version;

  function put(environment: string, version: number, set: FlagSet): void {
    if (!isNews(environment, version)) return;
    const live = liveSet(environment, { version, set });
    sets.set(environment, live);
    // Where there are flags somebody will ask; what is wrong with them is told to whoever does.
    if (Object.keys(set.flags).length > 0) void live.evaluator().catch(() => undefined);
    for (const listener of listeners) listener(live);
  }

  // One reads at a time, and whoever asks meanwhile is answered by a look that began after it asked.
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const refresh = (): Promise<void> =>
    (next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        running = read();
        return running;
      }));

  await refresh();
  const off = store.onSignal(({ kind }) => {
    if (kind === "flags" || kind === "gap")
      refresh().catch((thrown: unknown) => tell(`could not read the feature flags: ${messageOf(thrown)}`));
  });
  return {
    of: (environment) => sets.get(environment) ?? null,
    access: () => access,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    put,
    refresh,
    async close() {
      off();
      listeners.clear();
      await running.catch(() => undefined);
    },
  };
}

function liveSet(environment: string, { version, set }: { readonly version: number; readonly set: FlagSet }): LiveSet {
  const text = JSON.stringify({ $schema: "https://flagd.dev/schema/v0/flags.json", ...resolveSharedRules(set) });
  const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
  let made: Promise<FlagEvaluator> | undefined;
  return { environment, version, set, text, etag, evaluator: () => (made ??= flagEvaluator(set)) };
}
