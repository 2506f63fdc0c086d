import type { MeShape, Run, WaitingShape } from "@fairway/api";
import type { Permission, ReleaseId } from "@fairway/core";
import { codeOf, permissionNames, whyNotCounted } from "@fairway/core";
import type { RunDetail } from "@fairway/engine";
import { approverOf, releaseById, waitingRuns } from "@fairway/engine";
import type { People } from "../people/people.ts";
import { proofLasts } from "./doorkeeper.ts";
import type { EnvironmentParts } from "../environments.ts";
import type { HandlerContext } from "./handler-context.ts";
import type { Handlers } from "./http-server.ts";
import type { ReleaseHandlerParts } from "./release-handlers.ts";
import { approvalView } from "./views.ts";

/** What the answers about a person are made of. */
export interface HomeHandlerParts extends EnvironmentParts, ReleaseHandlerParts {
  readonly people: People;
  readonly about: { readonly version: string };
}

/** Who looks, and what waits for them. */
export function homeHandlers(parts: HomeHandlerParts): Pick<Handlers, "me" | "waiting"> {
  return {
    me: (_input, context) => me(parts, context),
    waiting: async ({ mine }, context) => {
      const found = await waiting(parts, context);
      return mine === "true" ? found.filter(({ you }) => you.may) : found;
    },
  };
}

async function me(parts: HomeHandlerParts, context: HandlerContext): Promise<MeShape> {
  const { actor, caller } = context;
  const [project, { url: repository = null }] = await Promise.all([parts.project(), parts.repository.identity()]);
  const places = [null, ...project.environments.map(({ name }) => name)];
  const may = await Promise.all(places.map((environment) => mayIn(context, environment)));
  const { session = null, token = null, provenAgo = null } = caller ?? {};
  const left = caller?.by === "session" && provenAgo !== null ? proofLasts - provenAgo : null;
  return {
    name: actor.name,
    id: actor.id,
    kind: actor.kind,
    owner: actor.owner?.name ?? null,
    singleUser: !parts.people.loginNeeded(),
    grants: (caller?.principal.grants ?? []).map((grant) => ({ ...grant })),
    may,
    somewhere: permissionNames.filter((one) => may.some(({ allowed }) => allowed.includes(one))),
    provenUntil: left === null || left <= 0 ? null : new Date(Date.now() + left).toISOString(),
    expiresAt: session?.expiresAt ?? token?.expiresAt ?? null,
    project: project.name,
    repository,
    version: parts.about.version,
    features: featuresOf(parts, project),
  };
}

async function mayIn({ may }: HandlerContext, environment: string | null): Promise<MeShape["may"][number]> {
  const allowed: Permission[] = [];
  const refused: { permission: Permission; reason: string }[] = [];
  for (const permission of permissionNames) {
    const answer = await may(permission, { environment });
    if (answer.possible) allowed.push(permission);
    else refused.push({ permission, reason: answer.reason });
  }
  return { environment, allowed, refused };
}

function featuresOf(
  { people }: HomeHandlerParts,
  project: Awaited<ReturnType<HomeHandlerParts["project"]>>,
): MeShape["features"] {
  const has: Readonly<Record<MeShape["features"][number], boolean>> = {
    login: people.loginNeeded(),
    flags: true,
    forge: project.forge !== undefined,
    infrastructure: (project.infrastructure ?? []).length > 0,
    migrations: project.services.some(({ migrations }) => migrations !== undefined),
    notices: (project.notices ?? []).length > 0,
    registry: project.registry !== undefined,
    triggers: (project.triggers ?? []).length > 0,
  };
  return (Object.keys(has) as MeShape["features"]).filter((name) => has[name]);
}

async function waiting(parts: HomeHandlerParts, context: HandlerContext): Promise<WaitingShape[]> {
  const { engine } = parts.control;
  const found = await Promise.all(
    (await waitingRuns(parts.store)).map(async ({ run, since }) =>
      waitingView(parts, context, await engine.run(run), since.toISOString()),
    ),
  );
  return found.flatMap((one) => one ?? []);
}

async function waitingView(
  parts: HomeHandlerParts,
  context: HandlerContext,
  run: RunDetail,
  since: string,
): Promise<WaitingShape | null> {
  const approval = approvalView(run);
  const { environment = null, release = null } = run.subject as { environment?: string; release?: string };
  if (approval === null && run.attention === null) return null;
  return {
    run: run.id,
    title: run.title,
    kind: approval === null ? "attention" : kindOf(approval),
    environment,
    release,
    revision: release === null ? null : await revisionOf(parts, release),
    requestedBy: run.requestedBy,
    since,
    question: approval?.step?.question ?? approval?.until ?? run.attention?.why ?? "",
    digest: approval?.digest ?? null,
    needed: approval?.needed ?? 0,
    given: (approval?.given ?? []).filter(({ answer }) => answer === "yes").map(({ by }) => by),
    you: await whetherYours(parts, context, run, environment, approval),
  };
}

const kindOf = ({ step, infrastructure }: NonNullable<Run["approval"]>): WaitingShape["kind"] =>
  step !== null ? "step" : infrastructure !== null ? "infrastructure" : "approval";

/** Whether somebody's answer would be taken and count, in the words of a refusal. */
export async function whetherYours(
  { store }: Pick<HomeHandlerParts, "store">,
  { actor, may }: HandlerContext,
  run: RunDetail,
  environment: string | null,
  approval: Run["approval"],
): Promise<WaitingShape["you"]> {
  const needed: Permission = approval === null ? "change" : "approve";
  const answer = await may(needed, { environment });
  if (!answer.possible) return { may: false, reason: answer.reason };
  if (approval === null) return { may: true, reason: null };
  const approver = await approverOf(store, actor, environment);
  const name = approver?.name ?? actor.name;
  if (approval.given.some(({ by, answer: said }) => by === name && said === "yes"))
    return { may: false, reason: `${name} has approved it already` };
  const why = approver === undefined ? null : whyNotCounted(approver, run.terms);
  return why === null ? { may: true, reason: null } : { may: false, reason: `${name} ${why}` };
}

async function revisionOf({ store }: HomeHandlerParts, release: string): Promise<WaitingShape["revision"]> {
  try {
    return (await releaseById(store, release as ReleaseId)).revision;
  } catch (thrown) {
    if (codeOf(thrown) !== "not_found") throw thrown;
    return null;
  }
}
