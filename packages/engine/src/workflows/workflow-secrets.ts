import type { SecretSource } from "@fairway/core";
import type { JobInstance } from "@fairway/workflow";
import type { WorkflowRunDocument } from "./run-document.ts";

/**
 * Whose secrets every job of a workflow may see: `secrets/workflows.env`, and `secrets/workflows.vars.env` for what is none.
 */
export const workflowScope = "workflows";

/** The names that stand after `secrets.` or `vars.` in expressions, also in brackets. */
export function namesAfter(context: "secrets" | "vars", text: string): readonly string[] {
  const pattern = new RegExp(`\\b${context}(?:\\.([A-Za-z_][\\w-]*)|\\[\\s*'([A-Za-z_][\\w-]*)'\\s*\\])`, "gi");
  const names = [...text.matchAll(pattern)].map(([, dotted, bracketed]) => dotted ?? bracketed ?? "");
  return [...new Set(names.flatMap((name) => [name, name.toUpperCase()]))];
}

/**
 * The secrets of a job: those of its environment before those of all workflows, of which a called workflow gets what its
 * callers hand on. None for the code of a fork.
 */
export async function secretsFor(
  source: SecretSource,
  { secretNames, fromFork }: Pick<WorkflowRunDocument, "secretNames" | "fromFork">,
  environment: string | undefined,
  scopes: JobInstance["secretScopes"],
): Promise<Readonly<Record<string, string>>> {
  if (fromFork) return {};
  const { secretsWithin } = await import("@fairway/workflow");
  const own = environment === undefined ? {} : await source.lookUp(environment, secretNames);
  return { ...secretsWithin(scopes, await source.lookUp(workflowScope, secretNames)), ...own };
}

/** The variables of a job, in the same way. */
export async function varsFor(
  source: SecretSource,
  { vars, fromFork }: Pick<WorkflowRunDocument, "vars" | "fromFork">,
  environment: string | undefined,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (fromFork || environment === undefined || names.length === 0) return vars;
  return { ...vars, ...(await source.lookUp(`${environment}.vars`, names)) };
}
