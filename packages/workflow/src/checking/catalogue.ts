import type { Mark } from "./report.ts";

/** What Fairway does with the constructs of one place of a workflow file. */
export interface CatalogueEntry {
  /** Keys from the root; `*` is any key, `[]` an item of a list, and `**` at the end whatever is below. */
  readonly pattern: string;
  readonly mark: Mark;
  readonly reason: string;
}

const entry = (pattern: string, mark: Mark, reason: string): CatalogueEntry => ({ pattern, mark, reason });
const enforced = (pattern: string, reason: string): CatalogueEntry => entry(pattern, "enforced", reason);
const emulated = (pattern: string, reason: string): CatalogueEntry => entry(pattern, "emulated", reason);
const noEffect = (pattern: string, reason: string): CatalogueEntry => entry(pattern, "no-effect", reason);
const rejected = (pattern: string, reason: string): CatalogueEntry => entry(pattern, "rejected", reason);

const inputs = "checked and completed before the run starts";
const background = "background steps are behind a flag of GitHub's; Fairway does not run them";

function ofContainer(pattern: string): readonly CatalogueEntry[] {
  const keys = ["image", "env", "env.*", "ports", "volumes", "credentials"];
  return [
    ...keys.map((key) => emulated(`${pattern}.${key}`, "given to the container engine")),
    emulated(`${pattern}.credentials.*`, "used to fetch the image, never shown"),
    rejected(`${pattern}.entrypoint`, "the image's own is run"),
    rejected(`${pattern}.command`, "the image's own is run"),
  ];
}

function ofDefaults(pattern: string): readonly CatalogueEntry[] {
  return [
    enforced(pattern, "for steps that say nothing of their own"),
    enforced(`${pattern}.run`, "for steps that say nothing of their own"),
    enforced(`${pattern}.run.shell`, "for steps that name none"),
    enforced(`${pattern}.run.working-directory`, "for steps that name none"),
  ];
}

function ofConcurrency(pattern: string): readonly CatalogueEntry[] {
  return [
    enforced(pattern, "one at a time of a group"),
    enforced(`${pattern}.group`, "computed, and compared without regard to case"),
    enforced(`${pattern}.cancel-in-progress`, "the running one is cancelled for the newer one"),
    enforced(`${pattern}.queue`, "single keeps one waiting, max keeps all"),
  ];
}

function ofPermissions(pattern: string): readonly CatalogueEntry[] {
  return [
    enforced(pattern, "what is not named is not allowed, and called workflows cannot have more"),
    enforced(`${pattern}.id-token`, "decides whether steps can get a token that says who they are"),
    noEffect(`${pattern}.*`, "limits GitHub's own token, which a run here does not get"),
  ];
}

/** What Fairway does with every place of a workflow file. The first pattern that fits counts. */
export const catalogue: readonly CatalogueEntry[] = [
  enforced("name", "shown, and in github.workflow"),
  noEffect("description", "for readers of the file"),
  emulated("run-name", "the run's name; computed when it is asked for, before it has a number"),
  enforced("env", "variables of all steps"),
  enforced("env.*", "a variable of all steps"),
  ...ofDefaults("defaults"),
  ...ofPermissions("permissions"),
  ...ofConcurrency("concurrency"),

  enforced("on", "decides what starts the workflow"),
  emulated("on.schedule[].cron", "by Fairway's clock, on the main branch, where a forge's workflow files count"),
  emulated("on.schedule[].timezone", "whose days and hours its times are"),
  enforced("on.workflow_dispatch.inputs", inputs),
  noEffect("on.workflow_dispatch.inputs.*.description", "for people"),
  enforced("on.workflow_dispatch.inputs.**", inputs),
  noEffect("on.workflow_call.*.*.description", "for people"),
  enforced("on.workflow_call.**", "what callers give and get, checked before the run starts"),
  enforced("on.*.branches", "later patterns override earlier ones, ! takes out"),
  enforced("on.*.branches-ignore", "matching branches do not start it"),
  enforced("on.*.tags", "later patterns override earlier ones, ! takes out"),
  enforced("on.*.tags-ignore", "matching tags do not start it"),
  enforced("on.*.paths", "compared with the files that differ"),
  enforced("on.*.paths-ignore", "compared with the files that differ"),
  enforced("on.*.types", "other types do not start it"),
  enforced("on.*.workflows", "other workflows do not start it"),
  noEffect("on.*.names", "there are no such events here"),
  noEffect("on.*.versions", "there are no such events here"),

  enforced("jobs", "the jobs of the run"),
  enforced("jobs.*", "a job, run as soon as what it needs has ended"),
  enforced("jobs.*.name", "shown"),
  enforced("jobs.*.needs", "decides the order, and whose outputs can be read"),
  enforced("jobs.*.if", "computed before the job starts"),
  enforced("jobs.*.strategy", "how often the job runs"),
  enforced("jobs.*.strategy.fail-fast", "a failed leg cancels the others"),
  enforced("jobs.*.strategy.max-parallel", "no more legs run at once"),
  enforced("jobs.*.strategy.matrix.**", "legs by GitHub's rules, at most 256"),
  enforced("jobs.*.strategy.matrix", "legs by GitHub's rules, at most 256"),
  emulated("jobs.*.runs-on.group", "there is one machine: this one"),
  enforced("jobs.*.timeout-minutes", "the job is cancelled when it takes longer"),
  enforced("jobs.*.cancel-timeout-minutes", "what a cancelled job may still take"),
  enforced("jobs.*.continue-on-error", "its failure counts as a success for what follows"),
  ...ofContainer("jobs.*.container"),
  emulated("jobs.*.services.*", "started before the job, stopped after it"),
  ...ofContainer("jobs.*.services.*"),
  enforced("jobs.*.env", "variables of the job's steps"),
  enforced("jobs.*.env.*", "a variable of the job's steps"),
  emulated("jobs.*.environment.name", "Fairway's environment of this name: its gates are asked first"),
  enforced("jobs.*.environment.url", "computed after the job, and shown"),
  noEffect("jobs.*.environment.deployment", "nothing is recorded with GitHub"),
  ...ofPermissions("jobs.*.permissions"),
  ...ofConcurrency("jobs.*.concurrency"),
  enforced("jobs.*.outputs", "for jobs that need this one"),
  enforced("jobs.*.outputs.*", "computed when the job has ended"),
  ...ofDefaults("jobs.*.defaults"),
  rejected("jobs.*.snapshot.**", "there is no image of a runner to take"),
  enforced("jobs.*.with", "typed, and checked before the run starts"),
  enforced("jobs.*.with.*", "typed, and checked before the run starts"),
  enforced("jobs.*.secrets", "nothing else reaches the called workflow"),
  enforced("jobs.*.secrets.*", "under this name in the called workflow"),

  enforced("jobs.*.steps", "one after the other"),
  enforced("jobs.*.steps[].name", "shown"),
  enforced("jobs.*.steps[].id", "what later steps call it"),
  enforced("jobs.*.steps[].if", "computed when its turn comes"),
  enforced("jobs.*.steps[].timeout-minutes", "the step is ended when it takes longer"),
  enforced("jobs.*.steps[].run", "written to a file and run by the shell"),
  enforced("jobs.*.steps[].continue-on-error", "its failure does not fail the job"),
  enforced("jobs.*.steps[].env", "variables of this step"),
  enforced("jobs.*.steps[].env.*", "a variable of this step"),
  enforced("jobs.*.steps[].working-directory", "below the job's folder"),
  enforced("jobs.*.steps[].with", "inputs of the action"),
  rejected("jobs.*.steps[].background", background),
  rejected("jobs.*.steps[].wait", background),
  rejected("jobs.*.steps[].wait-all", background),
  rejected("jobs.*.steps[].cancel", background),
  rejected("jobs.*.steps[].parallel", background),
];
