import { createHash } from "node:crypto";
import type { FlagAccess } from "../store/flags.ts";

/**
 * `server`: may evaluate one flag or all, read the definitions and hear of changes; a secret. `client`: gets the values
 * of all flags for one context and hears of changes, and is in every page that asks; no secret.
 */
export type FlagKeyKind = "server" | "client";

/** Whose a key is, and what it may do. */
export interface FlagKeyHolder {
  readonly access: FlagAccess;
  readonly kind: FlagKeyKind;
}

/** Makes and recognises the keys that flags are read with. None is kept: a key is a name that only we can compute. */
export interface FlagKeys {
  keyFor(access: FlagAccess, kind: FlagKeyKind): string;
  /** Whose key this is; null for one that opens nothing, or nothing any more. */
  holderOf(
    key: string,
    known: readonly FlagAccess[],
  ): { readonly access: FlagAccess; readonly kind: FlagKeyKind } | null;
}

/** `nameSecret` names a value so that nobody without the installation's own key can. */
export function flagKeys(nameSecret: (environment: string, name: string, value: string) => string): FlagKeys {
  const keyFor = (access: FlagAccess, kind: FlagKeyKind): string => {
    const times = String(kind === "server" ? access.serverKeys : access.clientKeys);
    const halves = ["a", "b"].map((half) => nameSecret(access.environment, `flags:${kind}:${half}`, times));
    return `fwf_${kind}_${halves.join("")}`;
  };
  // Found by its digest, so that how long it takes says nothing about the keys there are.
  let computedFor: readonly FlagAccess[] | undefined;
  let holders: ReadonlyMap<string, FlagKeyHolder> = new Map();
  return {
    keyFor,
    holderOf(key, known) {
      if (computedFor !== known) {
        const all = known.flatMap((access) => kinds.map((kind) => ({ access, kind })));
        holders = new Map(all.map((holder) => [digestOfKey(keyFor(holder.access, holder.kind)), holder]));
        computedFor = known;
      }
      return holders.get(digestOfKey(key)) ?? null;
    },
  };
}

const kinds: readonly FlagKeyKind[] = ["server", "client"];

const digestOfKey = (key: string): string => createHash("sha256").update(key, "utf8").digest("hex");
