import type { VercelPlacement } from "@fairway/core";
import type { PlatformApi } from "../hosted/platform-api.ts";
import { numberOf, recordOf, textOf } from "../hosted/platform-api.ts";
import { allOf } from "./vercel-pages.ts";

/** The newest request to move a project's production domains. */
export interface AliasRequest {
  readonly to: string;
  readonly status: string;
  readonly requestedAt: number;
  readonly type: string;
}

/** A rolling release that is under way. */
export interface RollingRelease {
  readonly canary: string;
  readonly stage: number;
  readonly percent: number;
  readonly isPaused: boolean;
}

/** How a project stands, in one look. */
export interface VercelLook {
  readonly projectId: string;
  /** Which deployment each address leads to; null for none. */
  readonly addresses: Readonly<Record<string, string | null>>;
  readonly request: AliasRequest | null;
  /** Null where none is under way. */
  readonly rolling: RollingRelease | null;
}

/** Looks at a project, or says why it cannot be what is meant. */
export async function lookAtVercel(
  api: PlatformApi,
  placement: VercelPlacement,
): Promise<VercelLook | { readonly refused: string }> {
  const project = encodeURIComponent(placement.project);
  const answer = await api.call({ method: "GET", path: `/v9/projects/${project}` });
  if (!answer.ok) {
    if (answer.refusal.status !== 404) return { refused: answer.refusal.sentence };
    const whose = placement.team === null ? "the account of the token" : `team ${placement.team}`;
    return {
      refused: `there is no project ${placement.project} in ${whose} on Vercel: check \`project\` and \`team\``,
    };
  }
  const body = recordOf(answer.body);
  const projectId = textOf(body["id"]) ?? placement.project;
  const domains = placement.domains.length > 0 ? placement.domains : await productionDomains(api, projectId);
  if ("refused" in domains) return domains;
  if (domains.length === 0)
    return {
      refused: `project ${placement.project} on Vercel has no production domain: add one there, or name \`domains\``,
    };
  const addresses: Record<string, string | null> = {};
  for (const domain of domains) {
    const found = await api.call({
      method: "GET",
      path: `/v4/aliases/${encodeURIComponent(domain)}`,
      query: { projectId },
    });
    if (!found.ok && found.refusal.status !== 404) return { refused: found.refusal.sentence };
    const alias = found.ok ? recordOf(found.body) : {};
    addresses[domain] = textOf(alias["deploymentId"]) ?? textOf(recordOf(alias["deployment"])["id"]) ?? null;
  }
  const rolling = placement.target === "production" ? await rollingNow(api, projectId) : null;
  if (rolling !== null && "refused" in rolling) return rolling;
  return {
    projectId,
    addresses,
    request: requestIn(body["lastAliasRequest"]),
    rolling,
  };
}

async function productionDomains(
  api: PlatformApi,
  projectId: string,
): Promise<readonly string[] | { readonly refused: string }> {
  const found = await allOf(api, `/v9/projects/${encodeURIComponent(projectId)}/domains`, "domains", {
    production: "true",
    redirects: "false",
    limit: "100",
  });
  if ("refused" in found) return found;
  return (
    found
      // One of a branch, or that only sends on, never leads to production.
      .filter((domain) => (domain["gitBranch"] ?? null) === null && (domain["redirect"] ?? null) === null)
      .filter((domain) => (domain["customEnvironmentId"] ?? null) === null && domain["verified"] !== false)
      .flatMap((domain) => textOf(domain["name"]) ?? [])
  );
}

function requestIn(written: unknown): AliasRequest | null {
  const { toDeploymentId, jobStatus, requestedAt, type } = recordOf(written);
  const to = textOf(toDeploymentId);
  return to === undefined
    ? null
    : { to, status: textOf(jobStatus) ?? "", requestedAt: numberOf(requestedAt) ?? 0, type: textOf(type) ?? "" };
}

/** A plan without rolling releases has none; Vercel says 402, 403 or 404 then. Any other "no" leaves it unknown. */
async function rollingNow(
  api: PlatformApi,
  projectId: string,
): Promise<RollingRelease | null | { readonly refused: string }> {
  const answer = await api.call({
    method: "GET",
    path: `/v1/projects/${encodeURIComponent(projectId)}/rolling-release`,
    query: { state: "ACTIVE" },
  });
  if (!answer.ok) return [402, 403, 404].includes(answer.refusal.status) ? null : { refused: answer.refusal.sentence };
  const found = recordOf(recordOf(answer.body)["rollingRelease"]);
  const canary = textOf(recordOf(found["canaryDeployment"])["id"]);
  if (found["state"] !== "ACTIVE" || canary === undefined) return null;
  const stage = recordOf(found["activeStage"]);
  return {
    canary,
    stage: numberOf(stage["index"]) ?? 0,
    percent: numberOf(found["currentCanaryPercentage"]) ?? numberOf(stage["targetPercentage"]) ?? 0,
    isPaused: found["substate"] === "PAUSED",
  };
}
