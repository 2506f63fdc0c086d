import type { JsonObject, Workflow, WorkflowEvent } from "@fairway/workflow";

/** The `github` context of a run, but for its number: what GitHub documents, from the event and the repository. */
export function githubContext(event: WorkflowEvent, workflow: Workflow, repository: string, actor: string): JsonObject {
  const refName = event.ref.replace(/^refs\/(?:heads|tags|pull)\//, "");
  const owner = repository.includes("/") ? repository.slice(0, repository.indexOf("/")) : repository;
  return {
    event_name: event.name,
    event: event.payload,
    ref: event.ref,
    ref_name: refName,
    ref_type: event.ref.startsWith("refs/tags/") ? "tag" : "branch",
    ref_protected: false,
    base_ref: event.baseRef ?? "",
    head_ref: event.headRef ?? "",
    sha: event.sha,
    actor,
    triggering_actor: actor,
    repository,
    repository_owner: owner,
    repositoryUrl: `git://github.com/${repository}.git`,
    workflow: workflow.name ?? workflow.file,
    workflow_ref: `${repository}/${workflow.file}@${event.ref}`,
    workflow_sha: event.sha,
    run_attempt: "1",
    server_url: "https://github.com",
    api_url: "https://api.github.com",
    graphql_url: "https://api.github.com/graphql",
    retention_days: "90",
    secret_source: "Actions",
  };
}
