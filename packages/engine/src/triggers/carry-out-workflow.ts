import type { InputValue, Repository, Sha, TriggerAction } from "@fairway/core";
import { environmentOf } from "@fairway/core";
import { eventOf } from "../store/deliveries.ts";
import { lastCarriedThrough } from "../store/deployments.ts";
import { releaseById } from "../store/releases.ts";
import type { Firing, FiringOutcome } from "../store/trigger-firings.ts";
import type { CarryOutParts } from "./carry-out-parts.ts";
import { commitOf, keyOf, requester, started } from "./carry-out-parts.ts";

/** Starts the workflow that a trigger names. */
export async function workflow(
  parts: CarryOutParts,
  firing: Firing,
  action: TriggerAction & { readonly kind: "workflow" },
  given: Readonly<Record<string, InputValue>>,
): Promise<FiringOutcome> {
  const { environment } = action;
  const target = environment === null ? undefined : parts.read && environmentOf(parts.read.project, environment);
  const live = environment === null ? null : await lastCarriedThrough(parts.sql, environment);
  if (environment !== null && live === null)
    return { state: "declined", why: `${environment} runs nothing yet`, run: null };
  const sha = live === null ? commitOf(parts, firing) : (await releaseById(parts.sql, live.release)).revision.sha;
  const passed = Object.fromEntries(
    Object.entries(action.inputs).map(([name, value]) => [
      name,
      typeof value === "object" ? (given[value.input] ?? "") : value,
    ]),
  );
  const inputs = {
    ...passed,
    ...(await environmentInputs(parts.repository, sha, action.file, {
      environment: environment ?? "",
      environment_url: target?.url ?? "",
      release: live?.release ?? "",
    })),
  };
  const { run, reason } = await parts.startWorkflow({
    file: action.file,
    ref: sha,
    event: {
      name: "workflow_dispatch",
      inputs,
      payload: { ref: firing.ref ?? `refs/heads/${parts.read?.branch ?? "main"}` },
    },
    job: action.job,
    by: requester(firing),
    uncommitted: "ignore",
    key: keyOf(firing, "workflow"),
    asker: firing.asked ?? {},
  });
  return run === null ? { state: "declined", why: reason, run: null } : started(run, firing.why);
}

/** What a workflow is told of the environment, as far as it asks for it by name. */
async function environmentInputs(
  repository: Repository,
  sha: Sha,
  file: string,
  known: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const text = await repository.textOf(sha, file);
  if (text === undefined) return {};
  const { readWorkflow } = await import("@fairway/workflow");
  const reading = readWorkflow(text, file);
  const asked = "problems" in reading ? [] : (reading.workflow.triggers.dispatch?.inputs ?? []);
  return Object.fromEntries(
    asked.flatMap(({ name }) => (known[name] === undefined || known[name] === "" ? [] : [[name, known[name]]])),
  );
}

/** Starts a workflow for an event that it waits for itself. */
export async function ofWorkflowFile(parts: CarryOutParts, firing: Firing, file: string): Promise<FiringOutcome> {
  const schedule = firing.request.source === "workflow" ? firing.request.schedule : null;
  const event = firing.document === null ? null : await eventOf(parts.sql, firing.document);
  const payload =
    event === null
      ? { schedule: schedule ?? "" }
      : event.kind === "push"
        ? { ref: event.ref, before: event.before ?? "0".repeat(event.after?.length ?? 40), ...event.payload }
        : (event.payload ?? {});
  const { run, reason } = await parts.startWorkflow({
    file,
    ref: commitOf(parts, firing),
    event: { name: event?.name ?? "schedule", inputs: {}, payload },
    job: null,
    by: firing.by,
    uncommitted: "ignore",
    key: keyOf(firing, "workflow"),
    asker: firing.asked ?? {},
  });
  return run === null ? { state: "declined", why: reason, run: null } : started(run, reason);
}
