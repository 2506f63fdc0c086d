import type { JsonObject, JsonValue } from "../model/json.ts";

/** What a token says about a job besides its times: GitHub's own claims, so that roles made for GitHub fit. */
export interface IdentityClaims {
  readonly sub: string;
  readonly [claim: string]: JsonValue;
}

const copied = [
  "ref",
  "sha",
  "repository",
  "repository_owner",
  "run_id",
  "run_number",
  "run_attempt",
  "actor",
  "workflow",
  "head_ref",
  "base_ref",
  "event_name",
  "ref_type",
  "workflow_ref",
  "workflow_sha",
] as const;

/**
 * The claims of a job, out of its `github` context. The subject is GitHub's: the environment before all, then pull requests,
 * then the ref (docs.github.com, "OpenID Connect reference").
 */
export function identityClaims(github: JsonObject, environment: string | undefined): IdentityClaims {
  const text = (name: string): string => (typeof github[name] === "string" ? github[name] : "");
  const about =
    environment !== undefined
      ? `environment:${environment}`
      : text("event_name").startsWith("pull_request")
        ? "pull_request"
        : `ref:${text("ref")}`;
  return {
    ...Object.fromEntries(copied.map((name) => [name, text(name)])),
    sub: `repo:${text("repository")}:${about}`,
    ref_protected: String(github["ref_protected"] === true),
    job_workflow_ref: text("workflow_ref"),
    job_workflow_sha: text("workflow_sha"),
    runner_environment: "self-hosted",
    ...(environment === undefined ? {} : { environment }),
  };
}

/** Whom a token is for when nobody says. */
export const usualAudience = (github: JsonObject): string => {
  const owner = github["repository_owner"];
  return `https://github.com/${typeof owner === "string" ? owner : ""}`;
};
