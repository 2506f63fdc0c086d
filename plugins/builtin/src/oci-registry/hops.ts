import { classOf } from "../outgoing/address-class.ts";
import type { ConnectionGuard } from "../outgoing/connection-guard.ts";
import { connectionGuard } from "../outgoing/connection-guard.ts";

/**
 * Where a registry may send a read, an upload, or whoever wants a token: one on a network of one's own to what is there and
 * outside, one on the internet only to the internet. So an answer from outside reaches nothing inside.
 */
export interface RegistryHops {
  /** For the registry itself, which the configuration names, and for where one inside sends to. */
  readonly inside: ConnectionGuard;
  /** For where one on the internet sends to. */
  readonly outside: ConnectionGuard;
  /** Whether who answered from an address is inside; who has none any more is not. */
  readonly isInside: (address: string | undefined) => boolean;
}

/** The hops of a registry; `allowPrivate` is what the operator lets in though a registry outside sends there. */
export const registryHops = (allowPrivate: readonly string[] = []): RegistryHops => ({
  inside: connectionGuard({ origin: "within" }),
  outside: connectionGuard({ origin: "outside", allowPrivate }),
  // Not `wrapped`: whoever carries a public address within one of IPv6 is outside.
  isInside: (address) => address !== undefined && ["private", "loopback"].includes(classOf(address) ?? ""),
});
