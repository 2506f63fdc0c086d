import type { VercelPlacement } from "@fairway/core";
import type { PlatformAccess, PlatformApi } from "../hosted/platform-api.ts";
import { platformApi } from "../hosted/platform-api.ts";

/** Vercel's API for one project. Its answers are read leniently: `@vercel/sdk` refuses some that are valid. */
export const vercelApi = (
  { api, team, project, token }: VercelPlacement,
  { outgoing, secret, now = () => performance.now() }: PlatformAccess,
): PlatformApi =>
  platformApi({
    name: "Vercel",
    api,
    token: () => secret(token),
    // Both forms are taken everywhere (vercel.com/docs/rest-api, "Accessing resources owned by a team").
    query: {
      teamId: team?.startsWith("team_") === true ? team : null,
      slug: team?.startsWith("team_") === false ? team : null,
    },
    outgoing,
    now,
    sentenceOf: ({ status, code }, said) => {
      const more = said === "" ? "" : ` (${said})`;
      const whose = team === null ? "" : ` of team ${team}`;
      if (status === 401 || code === "invalid_token")
        return `Vercel does not know the token in the secret ${token}${more}: make a new one and set the secret`;
      if (code === "team_unauthorized" || code === "team_not_found")
        return `the token in the secret ${token} may not see team ${String(team)}${more}: check \`team\`, or make the token for that team`;
      if (/limit|quota|exceeded|payment/u.test(code) || status === 402)
        return `Vercel refuses it for a quota or a plan${whose}${more}`;
      if (status === 403)
        return `the token in the secret ${token} may not do this in project ${project}${whose}${more}`;
      return null;
    },
  });
