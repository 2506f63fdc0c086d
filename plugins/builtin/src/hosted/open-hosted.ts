import type { Hosted, HostedBundle, HostedLedger, ReleaseId, Target } from "@fairway/core";
import { netlifyApi } from "../netlify/netlify-api.ts";
import { netlifyTarget } from "../netlify/netlify-target.ts";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import { vercelApi } from "../vercel/vercel-api.ts";
import { vercelTarget } from "../vercel/vercel-target.ts";
import type { PlatformApi } from "./platform-api.ts";

/** Where a platform serves a service, as a target is made of it. */
export interface HostedTargetPlace {
  readonly scope: string;
  readonly placement: Hosted;
  readonly ledger: HostedLedger;
  readonly bundleOf: (release: ReleaseId) => Promise<HostedBundle>;
  readonly secret: (name: string) => Promise<string>;
}

/** Platforms that serve what releases have built. Nothing is loaded or asked before the first call. */
export function openHosted(
  allowPrivate: readonly string[],
): (place: HostedTargetPlace, signal?: AbortSignal) => Target {
  // An upload of one large file may take a while; so does an answer about a thousand of them.
  const outgoing: GuardedFetch = guardedFetch({ allowPrivate, timeout: 60_000, longestAnswer: 16 * 1024 * 1024 });
  const looks = new Map<string, number>();
  const apis = new Map<string, PlatformApi>();

  return ({ placement, scope, ledger, bundleOf, secret }, signal) => {
    // One for each, so that being asked to wait holds for whoever comes next.
    const key = JSON.stringify([scope, placement]);
    const open = (): PlatformApi =>
      placement.platform === "vercel"
        ? vercelApi(placement, { outgoing, secret })
        : netlifyApi(placement, { outgoing, secret });
    const api = apis.get(key) ?? open();
    apis.set(key, api);
    const shared = { scope, ledger, api, outgoing, bundleOf, looks, signal };
    return placement.platform === "vercel"
      ? vercelTarget({ placement, ...shared })
      : netlifyTarget({ placement, ...shared });
  };
}
