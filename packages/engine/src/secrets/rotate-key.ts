import type { Actor, KeyKeeper } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { SealingKeyring } from "../sealing/keyring.ts";
import { readKeyring } from "../sealing/keyring.ts";
import { newSealingKey } from "../sealing/sealer.ts";
import { recordAudit } from "../store/audit.ts";
import { exchangeSealingKeys, holdSealingKeys } from "../store/sealing-keys.ts";
import { resealVersion, sealedVersions } from "../store/secrets.ts";
import { resealBehind } from "./reseal.ts";
import type { SecretControlParts } from "./secret-control.ts";
import { purposeOf } from "./stored-secrets.ts";

/** What came of exchanging the key. */
export interface KeyRotation {
  /** The key that seals now. */
  readonly key: string;
  /** The keys that sealed before; backups made until now need them. */
  readonly before: readonly string[];
  /** How many values were sealed anew: versions of secrets, plans, states and outputs of infrastructure. */
  readonly sealedAnew: number;
}

/**
 * Moves everything to another key outside and another one inside. The new key is written first. Then one transaction exchanges
 * the keys and seals the secrets anew, so a kill leaves either all of that with the old key or with the new one. What else is
 * sealed follows a few rows at a time; what a kill left of that opens by the new key outside, and is done later.
 */
export async function rotateKey({ store, keepers }: SecretControlParts, actor: Actor): Promise<KeyRotation> {
  const next = await keepers.next();
  const exchanged = await exchange({ store, keepers }, next, actor);
  return { ...exchanged, sealedAnew: exchanged.sealedAnew + (await resealBehind(store, keepers)) };
}

async function exchange(
  { store, keepers }: Pick<SecretControlParts, "store" | "keepers">,
  next: KeyKeeper,
  actor: Actor,
): Promise<KeyRotation> {
  return store.transaction(async (tx) => {
    const held = await holdSealingKeys(tx);
    const before = [...new Set(held.map(({ keeper }) => keeper))];
    if (before.length === 1 && before[0] === next.id)
      throw new FairwayError("not_allowed_now", `everything is sealed by ${next.id} already`, {
        hint: `put a new key before it in ${keepers.place}, and start the daemon anew`,
      });
    const ring: SealingKeyring = await readKeyring(held, keepers);
    const fresh = await newSealingKey(next);
    const rewrapped = await Promise.all(
      held.map(async ({ id }) => ({ id, keeper: next.id, wrapped: Buffer.from(await next.wrap(ring.bytesOf(id))) })),
    );
    await exchangeSealingKeys(tx, rewrapped, fresh);
    const key = Buffer.from(await next.unwrap(fresh.wrapped));
    const versions = await sealedVersions(tx);
    for (const version of versions) {
      const purpose = purposeOf(version);
      const bytes = ring.open(purpose, version.sealed ?? Buffer.alloc(0));
      await resealVersion(tx, { ...version, sealed: ring.sealBy(fresh.id, key, purpose, bytes) });
    }
    recordAudit(tx, {
      actor,
      action: "keys.rotated",
      subject: next.id,
      environment: null,
      detail: { before, sealedAnew: versions.length },
    });
    return { key: next.id, before, sealedAnew: versions.length };
  });
}
