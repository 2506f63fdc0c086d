import type { ApprovalDetail, Plan, Run } from "@fairway/api";
import type { DeploymentPlan, RunId } from "@fairway/core";
import { FairwayError, messageOf, whatVoids } from "@fairway/core";
import type { RunDetail } from "@fairway/engine";
import { differencesFromNow, digestOf, planSummary, plannedDeployment, releaseById } from "@fairway/engine";
import type { HandlerContext } from "./handler-context.ts";
import type { HomeHandlerParts } from "./home-handlers.ts";
import { whetherYours } from "./home-handlers.ts";
import type { Handlers } from "./http-server.ts";
import { summaryOf } from "./infrastructure-handlers.ts";
import { diffOf } from "./release-handlers.ts";
import { approvalView, planView } from "./views.ts";

/** What exactly a person is asked to approve. */
export function approvalHandlers(parts: HomeHandlerParts): Pick<Handlers, "approval"> {
  const { store, control } = parts;
  return {
    approval: async ({ run: id }, context) => {
      const run = await control.engine.run(id as RunId);
      const asked = approvalView(run);
      if (asked === null)
        throw new FairwayError("not_allowed_now", `${id} does not wait for an approval`, {
          hint: `see what it does: fairway run show ${id}`,
        });
      return detailOf(parts, context, run, asked, await plannedDeployment(store, run.id));
    },
  };
}

async function detailOf(
  parts: HomeHandlerParts,
  context: HandlerContext,
  run: RunDetail,
  asked: NonNullable<Run["approval"]>,
  planned: DeploymentPlan | null,
): Promise<ApprovalDetail> {
  const { store } = parts;
  const { digest, needed, given, until, step, infrastructure } = asked;
  const { environment = null } = run.subject as { readonly environment?: string };
  const kind = step !== null ? "step" : infrastructure !== null ? "infrastructure" : "deployment";
  const isWhole = kind === "deployment";
  return {
    run: run.id,
    title: run.title,
    kind,
    environment,
    requestedBy: run.requestedBy,
    ...{ digest, needed, given, until, step },
    from: (run.terms.from ?? []).map((rule) => ("role" in rule ? `role ${rule.role}` : rule.person)),
    notFrom: notFrom(run),
    you: await whetherYours(parts, context, run, environment, asked),
    lasts: run.terms.expires ?? null,
    voids: [
      ...whatVoids(
        step !== null
          ? { kind: "step", ...step }
          : isWhole && planned !== null
            ? { kind: "deployment", plan: planned }
            : { kind: "infrastructure" },
        run.terms,
      ),
    ],
    plan: planned && (await approvedPlan(parts, planned)),
    changes: planned && (await changesOf(parts, planned)),
    now: isWhole && planned !== null ? await comparedWithNow(parts, planned) : null,
    infrastructure: infrastructure && {
      plan: infrastructure.plan === null ? null : summaryOf(await planSummary(store, infrastructure.plan)),
      names: infrastructure.names,
    },
  };
}

/** Who had a part in it, each once. */
function notFrom({ terms: { requester, sender, authors = [] } }: RunDetail): ApprovalDetail["notFrom"] {
  const found = [
    ...(requester === undefined
      ? []
      : [
          {
            name: requester.owner?.name ?? requester.name,
            because: requester.owner ? "made the token that asked for it" : "asked for it",
          },
        ]),
    ...(sender === undefined ? [] : [{ name: sender.name, because: "pushed what it came by" }]),
    ...authors.map(({ name, email }) => ({ name: `${name} <${email}>`, because: "wrote commits of it" })),
  ];
  return [...new Map(found.map((one) => [one.name, one])).values()];
}

async function approvedPlan({ store }: HomeHandlerParts, plan: DeploymentPlan): Promise<Plan> {
  return planView({ plan, digest: digestOf(plan), release: await releaseById(store, plan.release) });
}

async function changesOf(
  parts: HomeHandlerParts,
  { from, release }: DeploymentPlan,
): Promise<ApprovalDetail["changes"]> {
  return from === null || from === release ? null : diffOf(parts, from, release);
}

/**
 * The same comparison that is made where the deployment begins. What cannot be planned now is told, not thrown: the rest can be
 * shown.
 */
async function comparedWithNow({ control }: HomeHandlerParts, plan: DeploymentPlan): Promise<ApprovalDetail["now"]> {
  try {
    return { differences: [...(await differencesFromNow(control.plane, plan))], problem: null };
  } catch (thrown) {
    return { differences: [], problem: messageOf(thrown) };
  }
}
