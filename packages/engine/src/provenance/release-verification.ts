import type { Release } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import { envelopeOf } from "../store/releases.ts";
import { byId, knownKeys } from "../store/signing-keys.ts";
import type { Sql } from "../store/store.ts";
import type { ReleaseFinding } from "./verify-release.ts";
import { verifyRelease } from "./verify-release.ts";

/** Looks at whether a release, or some of its services, is what was signed here. Changes nothing. */
export type ReleaseVerification = (
  release: Release,
  services?: readonly string[],
) => Promise<readonly ReleaseFinding[]>;

/** Verification by the keys and envelopes of this database, against the artifacts of this data directory. */
export function releaseVerification(sql: Sql, { artifacts }: DataDirectory): ReleaseVerification {
  return async (release, services) => {
    const [keys, envelope] = await Promise.all([knownKeys(sql), envelopeOf(sql, release.id)]);
    return verifyRelease({ artifacts, keys: byId(keys) }, release, envelope, services);
  };
}
