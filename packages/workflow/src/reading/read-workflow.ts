import type { Problem } from "../model/place.ts";
import type { Workflow } from "../model/workflow.ts";
import { type Field, fieldsOf, isMapping, textOf } from "./fields.ts";
import { type Findings, placeOf } from "./findings.ts";
import type { TemplateToken } from "./github-entry.ts";
import { github } from "./github.ts";
import { findCycles } from "./needs-faults.ts";
import { optional } from "./optional.ts";
import { readJob } from "./read-job.ts";
import { readConcurrency, readDefaults, readPermissions } from "./read-settings.ts";
import { readTokens, takeErrors, takeThrown, type TokenFile } from "./read-tokens.ts";
import { readTriggers } from "./read-triggers.ts";
import { mappingOf, scalarOf } from "./templates.ts";

/** A workflow, or everything that is wrong with the file. */
export type WorkflowReading = { readonly workflow: Workflow } | { readonly problems: readonly Problem[] };

const keys = ["name", "description", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"];

/**
 * Reads a workflow file. Never throws for what is in the text: all its problems come back at once, each with its place.
 * What GitHub refuses is refused in GitHub's words.
 */
export function readWorkflow(text: string, file: string): WorkflowReading {
  const tokens = readTokens(text, file, "workflow");
  const { findings, root } = tokens;
  takeErrors(tokens);
  if (root === undefined) return { problems: findings.problems };
  // The schema has its say first: after that, `jobs` is there and everything has the form that it must have.
  const fitsSchema = findings.problems.length === 0;
  checkAsGithub(tokens, root);
  const workflow = fitsSchema ? convert(root, findings) : undefined;
  return workflow === undefined || findings.problems.length > 0 ? { problems: findings.problems } : { workflow };
}

/** Some of GitHub's checks live only in its own converter: ids, needs, contexts of conditions, containers. */
function checkAsGithub(tokens: TokenFile, root: TemplateToken): void {
  const { convertWorkflowTemplate, ErrorPolicy } = github();
  // Async by its signature only: without a file provider all is done when it returns, and failures are in the context.
  convertWorkflowTemplate(tokens.context, root, undefined, { errorPolicy: ErrorPolicy.TryConversion }).catch(
    (thrown: unknown) => takeThrown(tokens.findings, thrown),
  );
  takeErrors(tokens);
}

function convert(root: TemplateToken, findings: Findings): Workflow | undefined {
  const fields = fieldsOf(root, keys, findings);
  const on = fields.get("on");
  const jobs = fields.get("jobs");
  if (on === undefined || jobs === undefined || !isMapping(jobs.value)) {
    findings.add(placeOf(root), "a workflow has `on` and `jobs`");
    return undefined;
  }
  const read = [...fieldsOf(jobs.value, "any", findings).values()].flatMap((job) => readJob(job, findings) ?? []);
  findCycles(read, findings);
  return {
    file: findings.file,
    ...optional("name", nameOf(fields.get("name"), findings)),
    ...optional("description", nameOf(fields.get("description"), findings)),
    ...optional("runName", scalarOf(fields.get("run-name"), findings)),
    triggers: readTriggers(on, findings),
    ...optional("permissions", readPermissions(fields.get("permissions"), findings)),
    ...optional("env", mappingOf(fields.get("env"), findings)),
    defaults: readDefaults(fields.get("defaults"), findings),
    ...optional("concurrency", readConcurrency(fields.get("concurrency"), findings)),
    jobs: read,
  };
}

function nameOf(field: Field | undefined, findings: Findings): string | undefined {
  const text = textOf(field, findings);
  return text === "" ? undefined : text;
}
