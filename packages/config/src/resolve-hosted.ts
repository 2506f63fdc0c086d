import type { HeaderRule, Hosted, PageHeaders } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { NetlifyConfig, ProjectConfig, VercelConfig } from "./project-config.ts";

type PlatformConfigs = { readonly vercel?: VercelConfig | undefined; readonly netlify?: NetlifyConfig | undefined };

/** Which platform serves a service here; nothing where none does. Never inherited: another environment is another place. */
export function resolveHosted(
  environment: Path,
  service: string,
  { vercel, netlify }: PlatformConfigs,
  ledger: Ledger,
): { readonly hosted?: Hosted } {
  const onVercel = vercel?.services[service];
  const onNetlify = netlify?.services[service];
  if (vercel !== undefined && onVercel !== undefined) {
    const at: Path = [...environment, "vercel"];
    const own = ownOf([...at, "services", service], ledger);
    return {
      hosted: {
        platform: "vercel",
        ...sharedOf(at, vercel, "https://api.vercel.com", ledger),
        team: ledger.own<string | null>([...at, "team"], vercel.team, null),
        project: own("project", onVercel.project, service),
        target: own<"production" | "preview">("target", onVercel.target, "production"),
        domains: own<readonly string[]>("domains", onVercel.domains, []),
        needs: own<readonly string[]>("needs", onVercel.needs, []),
        url: own<string | null>("url", onVercel.url, null),
        pages: pagesOf(own<Headers>("headers", onVercel.headers, {})),
      },
    };
  }
  if (netlify === undefined || onNetlify === undefined) return {};
  const at: Path = [...environment, "netlify"];
  const own = ownOf([...at, "services", service], ledger);
  return {
    hosted: {
      platform: "netlify",
      ...sharedOf(at, netlify, "https://api.netlify.com/api/v1", ledger),
      site: own("site", onNetlify.site, ""),
      branch: own<string | null>("branch", onNetlify.branch, null),
      url: own<string | null>("url", onNetlify.url, null),
      pages: pagesOf(own<Headers>("headers", onNetlify.headers, {})),
    },
  };
}

/** Whether a platform serves a service in any environment. */
export const isHostedAnywhere = (service: string, { environments }: Pick<ProjectConfig, "environments">): boolean =>
  Object.values(environments ?? {}).some(
    ({ vercel, netlify }) => vercel?.services[service] !== undefined || netlify?.services[service] !== undefined,
  );

type Headers = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

const ownOf =
  (at: Path, ledger: Ledger) =>
  <T>(key: string, value: T | undefined, standard: T): T =>
    ledger.own<T>([...at, key], value, standard);

function sharedOf(
  at: Path,
  { token, api, poll }: VercelConfig | NetlifyConfig,
  usual: string,
  ledger: Ledger,
): Pick<Hosted, "api" | "token" | "poll"> {
  return {
    api: ledger.own([...at, "api"], api, usual).replace(/\/+$/u, ""),
    token: ledger.own([...at, "token"], token, token).secret,
    poll: ledger.own([...at, "poll"], poll === undefined ? undefined : (millisOf(poll) ?? undefined), 2_000),
  };
}

const pagesOf = (headers: Headers): readonly PageHeaders[] =>
  Object.entries(headers).map(([path, wanted]) => ({
    path,
    headers: Object.fromEntries(
      Object.entries(wanted).map(([header, value]): [string, HeaderRule] => [
        header.toLowerCase(),
        typeof value === "string" ? { has: value.split(",").map((part) => part.trim()) } : { oneOf: value },
      ]),
    ),
  }));
