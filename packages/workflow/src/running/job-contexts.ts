import type { JsonObject } from "../model/json.ts";
import type { Contexts, JobInstance } from "../model/plan.ts";
import type { JobHost } from "./job-host.ts";
import type { JobSurroundings } from "./job-surroundings.ts";

/** What of the `github` context every process is told as GITHUB_…; the list of the official runner (GitHubContext). */
const toldToProcesses = [
  "action_path",
  "action_ref",
  "action_repository",
  "action",
  "actor",
  "actor_id",
  "api_url",
  "artifacts",
  "artifacts_list",
  "base_ref",
  "env",
  "event_name",
  "event_path",
  "graphql_url",
  "head_ref",
  "job",
  "output",
  "path",
  "ref_name",
  "ref_protected",
  "ref_type",
  "ref",
  "repository",
  "repository_id",
  "repository_owner",
  "repository_owner_id",
  "retention_days",
  "run_attempt",
  "run_id",
  "run_number",
  "server_url",
  "sha",
  "state",
  "step_summary",
  "triggering_actor",
  "workflow",
  "workflow_ref",
  "workflow_sha",
  "workspace",
] as const;

const machineNames: Readonly<Record<string, string>> = { x64: "X64", arm64: "ARM64", ia32: "X86", arm: "ARM" };

/** Where the payload of the event is put for the steps of a job. */
export const eventPathOf = (temp: string): string => `${temp}/_github_workflow/event.json`;

/** The contexts that stay the same through a job; `env`, `steps`, `job` and the step's own come on top. */
export function jobContexts(instance: JobInstance, host: JobHost, around: JobSurroundings): Contexts {
  const { workspace, temp, toolCache } = host.folders;
  return {
    github: {
      ...around.github,
      job: instance.id,
      workspace,
      event_path: eventPathOf(temp),
      token: around.github["token"] ?? host.secrets["GITHUB_TOKEN"] ?? "",
    },
    needs: around.needs,
    vars: host.vars,
    secrets: host.secrets,
    inputs: instance.inputs,
    matrix: instance.matrix,
    strategy: { ...instance.strategy },
    runner: {
      os: "Linux",
      arch: machineNames[process.arch] ?? process.arch.toUpperCase(),
      name: around.runnerName,
      environment: "self-hosted",
      tool_cache: toolCache,
      temp,
      workspace: parentOf(workspace),
      ...(around.debug ? { debug: "1" } : {}),
    },
  };
}

/** The variables that the `github` and `runner` contexts come to; they win over what a workflow sets by those names. */
export function contextVariables(github: JsonObject, runner: JsonObject): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const name of toldToProcesses) {
    const value = github[name];
    if (typeof value === "string") variables[`GITHUB_${name.toUpperCase()}`] = value;
    if (typeof value === "boolean") variables[`GITHUB_${name.toUpperCase()}`] = value ? "True" : "False";
  }
  for (const [name, value] of Object.entries(runner)) {
    if (typeof value === "string") variables[`RUNNER_${name.toUpperCase()}`] = value;
  }
  return variables;
}

const parentOf = (path: string): string => path.replace(/\/[^/]*$/, "") || "/";
