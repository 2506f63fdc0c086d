import type { NetlifyPlacement } from "@fairway/core";
import type { PlatformAccess, PlatformApi } from "../hosted/platform-api.ts";
import { platformApi } from "../hosted/platform-api.ts";

/** Netlify's API for one site. */
export const netlifyApi = (
  { api, site, token }: NetlifyPlacement,
  { outgoing, secret, now = () => performance.now() }: PlatformAccess,
): PlatformApi =>
  platformApi({
    name: "Netlify",
    api,
    token: () => secret(token),
    query: {},
    outgoing,
    now,
    sentenceOf: ({ status }, said) => {
      const more = said === "" ? "" : ` (${said})`;
      if (status === 401)
        return `Netlify does not know the token in the secret ${token}${more}: make a new one and set the secret`;
      if (status === 403) return `the token in the secret ${token} may not do this with site ${site}${more}`;
      if (status === 402) return `Netlify refuses it for a quota or a plan${more}`;
      return null;
    },
  });
