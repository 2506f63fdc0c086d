import { timingSafeEqual } from "node:crypto";
import type { FlagAccess } from "../store/flags.ts";

/**
 * `server`: may evaluate one flag or all, read the definitions and hear of changes; a secret. `client`: gets the values
 * of all flags for one context and hears of changes, and is in every page that asks; no secret.
 */
export type FlagKeyKind = "server" | "client";

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
  return {
    keyFor,
    holderOf(key, known) {
      for (const access of known)
        for (const kind of ["server", "client"] as const)
          if (isSame(keyFor(access, kind), key)) return { access, kind };
      return null;
    },
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
