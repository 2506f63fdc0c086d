import { evaluateCondition } from "../expressions/evaluate.ts";
import type { StepsJob } from "../model/job.ts";
import type { RefFilter } from "../model/triggers.ts";
import type { Workflow } from "../model/workflow.ts";
import { commandOf, deployingJobs, type FaultFinder, indent, inputOf, isAction } from "./found-fault.ts";

/** F1: a branch deploys by itself, with nobody asked. */
export const deployWithoutApproval: FaultFinder = (workflow) => {
  const branches = branchesOf(workflow);
  return deployingJobs(workflow)
    .filter((job) => job.environment === undefined && branches.some((branch) => mayRun(job, branch)))
    .map((job) => ({
      rule: "deploy-without-approval",
      message: `\`${job.id}\` deploys on every push of ${branches.filter((branch) => mayRun(job, branch)).join(", ")}: no tag, no approval`,
      place: job.place,
      hint: "Give it an environment whose gates ask for an approval, or deploy from tags only.",
      edits: [{ after: job.place.line, insert: [`${indent(job.place.column)}  environment: production`] }],
    }));
};

/** F2: a branch that starts everything and then deploys nothing. */
export const branchDeploysNothing: FaultFinder = (workflow, lines) => {
  const jobs = deployingJobs(workflow);
  const filter = pushFilter(workflow);
  if (filter === undefined || jobs.length === 0) return [];
  return branchesOf(workflow)
    .filter((branch) => !jobs.some((job) => mayRun(job, branch)))
    .map((branch) => ({
      rule: "branch-deploys-nothing",
      message: `a push of \`${branch}\` starts this workflow, and no job deploys it`,
      place: filter.place,
      hint: `Let the deploying jobs run for it too, in an environment of its own, or take \`${branch}\` out.`,
      edits: jobs.flatMap(({ condition }) => {
        const line = condition && lines[condition.place.line - 1];
        if (condition === undefined || line === undefined || !line.trimEnd().endsWith(condition.source)) return [];
        const widened = `${line.trimEnd()} || github.ref == 'refs/heads/${branch}'`;
        return [{ after: condition.place.line - 1, remove: 1, insert: [widened] }];
      }),
    }));
};

/** F3: Vercel deploys a preview unless it is told otherwise. */
export const vercelPreviewOnly: FaultFinder = (workflow) =>
  deployingJobs(workflow).flatMap(({ steps }) =>
    steps.flatMap((step) => {
      if (step.kind !== "uses" || !isAction(step, "amondnet/vercel-action")) return [];
      if (/--prod\b/u.test(inputOf(step, "vercel-args") ?? "")) return [];
      const first = step.with?.kind === "mapping" ? step.with.entries[0]?.key.place : undefined;
      return [
        {
          rule: "vercel-preview-only" as const,
          message: "vercel-action without `--prod` deploys a preview, not production",
          place: step.uses.place,
          hint: "Pass `vercel-args: --prod`.",
          ...(first === undefined || inputOf(step, "vercel-args") !== undefined
            ? {}
            : { edits: [{ after: first.line - 1, insert: [`${indent(first.column)}vercel-args: --prod`] }] }),
        },
      ];
    }),
  );

/** F4: a role can only be assumed with a token that says who the job is, and that must be asked for. */
export const oidcWithoutPermission: FaultFinder = (workflow) =>
  workflow.jobs.flatMap((job) => {
    if (job.kind !== "steps") return [];
    const step = job.steps.find(
      (candidate) =>
        isAction(candidate, "aws-actions/configure-aws-credentials") &&
        inputOf(candidate, "role-to-assume") !== undefined &&
        inputOf(candidate, "aws-access-key-id") === undefined,
    );
    const permissions = job.permissions ?? workflow.permissions;
    if (step?.kind !== "uses" || permissions?.levels["id-token"] === "write" || permissions?.all === "write") return [];
    const at = indent(job.place.column);
    const asked = [`${at}  permissions:`, `${at}    id-token: write`, `${at}    contents: read`];
    return [
      {
        rule: "oidc-without-permission" as const,
        message: "`role-to-assume` needs a token that says who the job is, and the job may not have one",
        place: step.uses.place,
        hint: "Add `permissions: { id-token: write, contents: read }` to the job.",
        ...(job.permissions === undefined ? { edits: [{ after: job.place.line, insert: asked }] } : {}),
      },
    ];
  });

/** F11: nothing keeps an older push from deploying after a newer one. */
export const noConcurrencyGroup: FaultFinder = (workflow, lines) => {
  const jobs = deployingJobs(workflow).filter(({ concurrency }) => concurrency === undefined);
  const [job] = jobs;
  if (workflow.concurrency !== undefined || job === undefined) return [];
  const line = lines.findIndex((text) => text.startsWith("jobs:"));
  return [
    {
      rule: "no-concurrency-group",
      message: "two pushes can deploy at the same time, and the older one may end last",
      place: job.place,
      hint: "Put the deploys into a concurrency group.",
      ...(line === -1
        ? {}
        : { edits: [{ after: line, insert: ["concurrency:", "  group: ${{ github.workflow }}-${{ github.ref }}"] }] }),
    },
  ];
};

/** F11: parts that are deployed by one push, with no order among them. */
export const deploysWithoutOrder: FaultFinder = (workflow, lines) => {
  const jobs = deployingJobs(workflow);
  const ordered = (one: StepsJob, other: StepsJob): boolean => needs(workflow, one.id).has(other.id);
  const backend = jobs.find(({ id }) => /api|backend|server/iu.test(id));
  const frontend = jobs.find((job) => job !== backend && /web|frontend|ui|site/iu.test(job.id));
  if (backend === undefined || frontend === undefined) return [];
  if (ordered(frontend, backend) || ordered(backend, frontend)) return [];
  const needed = [...frontend.needs.map(({ id }) => id), backend.id];
  const first = frontend.needs[0]?.place.line;
  const line = first === undefined ? undefined : lines[first - 1];
  const replaced = line === undefined ? undefined : /^(\s*needs:).*$/u.exec(line)?.[1];
  return [
    {
      rule: "deploys-without-order",
      message: `\`${frontend.id}\` and \`${backend.id}\` are deployed at once: the new frontend may meet the old backend`,
      place: frontend.place,
      hint: `Let \`${frontend.id}\` need \`${backend.id}\`.`,
      ...(first === undefined || replaced === undefined
        ? {}
        : { edits: [{ after: first - 1, remove: 1, insert: [`${replaced} [${needed.join(", ")}]`] }] }),
    },
  ];
};

/** F13: what is deployed is not what was tested, but built anew. */
export const builtAgainToDeploy: FaultFinder = (workflow) =>
  deployingJobs(workflow).flatMap(({ id, steps, needs: needed }) => {
    if (needed.length === 0 || steps.some((step) => isAction(step, "actions/download-artifact"))) return [];
    const step = steps.find(
      (candidate) =>
        (isAction(candidate, "amondnet/vercel-action") &&
          !/--prebuilt\b/u.test(inputOf(candidate, "vercel-args") ?? "")) ||
        /(?:^|[\s/_-])build(?:$|[\s._-])/imu.test(commandOf(candidate)),
    );
    if (step === undefined) return [];
    return [
      {
        rule: "built-again-to-deploy" as const,
        message: `\`${id}\` builds anew what it deploys: what was tested in ${needed.map((need) => need.id).join(", ")} is not what ships`,
        place: step.place,
        hint: "Build once, hand it on with upload-artifact and download-artifact, and deploy that (Vercel: --prebuilt). Or let Fairway deploy its release, which is built once: `fairway init --platforms` writes the target.",
      },
    ];
  });

/** F11: a backend that is deployed and a database that nobody migrates. */
export const noMigrations: FaultFinder = (workflow, lines) => {
  const backend = deployingJobs(workflow).find(({ id }) => /api|backend|server/iu.test(id));
  if (backend === undefined || /migrat|alembic|prisma|flyway|liquibase|sqlx/iu.test(lines.join("\n"))) return [];
  return [
    {
      rule: "no-migrations",
      message: `\`${backend.id}\` deploys the backend, and nothing migrates its database`,
      place: backend.place,
      hint: "Run the migrations before the new version starts, or say in the deploy script that it does.",
    },
  ];
};

function needs(workflow: Workflow, id: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const need of workflow.jobs.find((job) => job.id === next)?.needs ?? []) {
      if (found.has(need.id)) continue;
      found.add(need.id);
      open.push(need.id);
    }
  }
  return found;
}

function pushFilter({ triggers }: Workflow): RefFilter | undefined {
  return triggers.events.find(({ event }) => event === "push")?.branches;
}

/** The branches whose push starts the workflow, as far as they are written without signs; `main` when any may. */
function branchesOf(workflow: Workflow): readonly string[] {
  const push = workflow.triggers.events.find(({ event }) => event === "push");
  if (push === undefined) return [];
  if (push.branches === undefined) return push.tags === undefined ? ["main"] : [];
  return push.branches.ignore ? ["main"] : push.branches.patterns.filter((pattern) => !/[*?+[!\\]/u.test(pattern));
}

function mayRun({ condition }: StepsJob, branch: string): boolean {
  if (condition === undefined) return true;
  const github = { ref: `refs/heads/${branch}`, ref_name: branch, ref_type: "branch", event_name: "push" };
  try {
    return evaluateCondition(
      condition,
      { github },
      { success: () => true, failure: () => false, cancelled: () => false },
    );
  } catch {
    return true; // What cannot be told from here may be so.
  }
}
