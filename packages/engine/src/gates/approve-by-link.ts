import type { Actor, ApprovalTerms, Approver, DeploymentPlan, Digest, Release, ReleaseId } from "@fairway/core";
import { authorize, codeOf, FairwayError, planDifferences, whyNotCounted } from "@fairway/core";
import { actingAs } from "../audit/acting.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import { approve } from "../runs/actions.ts";
import type { Sealer } from "../sealing/sealer.ts";
import { isLinkUsed, noteLinkUse } from "../store/approval-link-uses.ts";
import { gatesOf } from "../store/gates.ts";
import { personById } from "../store/people/people.ts";
import { plannedDeployment } from "../store/planned-deployment.ts";
import type { Run } from "../store/runs.ts";
import { runById } from "../store/runs.ts";
import type { Sql, Store } from "../store/store.ts";
import { approverOf, assertCounted } from "./approver.ts";
import type { ApprovalLink } from "./approval-link.ts";
import { openLink } from "./approval-link.ts";

export interface LinkParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly plane: Pick<ControlPlane, "plan">;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly projectName: () => Promise<string>;
}

/** What somebody with a link is asked. */
export interface LinkQuestion {
  readonly person: string;
  readonly run: Run;
  readonly plan: DeploymentPlan;
  readonly digest: Digest;
  readonly release: Release;
  readonly needed: number;
  /** Who said yes already. */
  readonly given: readonly string[];
  readonly expires: number;
}

/** What people can do who were sent a link. */
export interface ApprovalLinks {
  /** What it asks. Changes nothing, however often it is looked at. Throws what `answer` throws. */
  show(token: string): Promise<LinkQuestion>;
  /**
   * Gives the person's answer, once. Throws `not_found` for no link, `not_allowed_now` for one that is over, used, or whose
   * question is answered, `denied` for somebody who may not approve (any more), and `stale_approval` when something else
   * would happen now, with every field that differs.
   */
  answer(token: string, answer: "yes" | "no"): Promise<LinkQuestion>;
}

/** The links of a daemon, which live in no table: only that one was used is written down. */
export function approvalLinks(parts: LinkParts): ApprovalLinks {
  const { store, sealer } = parts;
  async function looked(token: string): Promise<{ readonly link: ApprovalLink; readonly asked: LinkQuestion }> {
    const link = await openLink(sealer, token, Date.now());
    if (await isLinkUsed(store, link)) throw used(link);
    const run = await runById(store, link.run);
    await assertMay(store, link, run, await parts.projectName());
    return { link, asked: await questionOf(parts, link, run) };
  }

  return {
    show: async (token) => (await looked(token)).asked,

    async answer(token, answer) {
      const { link, asked } = await looked(token);
      const { person, digest } = link;
      const actor: Actor = { kind: "person", id: person, name: asked.person };
      const project = await parts.projectName();
      await actingAs(actor, () =>
        approve(store, link.run, {
          by: asked.person,
          answer,
          digest,
          via: "link",
          // In the transaction of the answer: it counts once, of somebody who may at that moment.
          first: async (tx, run) => {
            await assertMay(tx, link, run, project);
            if (!(await noteLinkUse(tx, link))) throw used(link);
          },
        }),
      );
      return asked;
    },
  };
}

async function assertMay(sql: Sql, { person }: ApprovalLink, run: Run, project: string): Promise<void> {
  const { environment = null } = (run.subject ?? {}) as { readonly environment?: string };
  const found = await personById(sql, person).catch((thrown: unknown) => {
    if (codeOf(thrown) === "not_found") return null;
    throw thrown;
  });
  const name = found?.name ?? "whoever this link was sent to";
  if (found === null || found.disabled) throw new FairwayError("denied", `${name} may not come in any more`);
  const principal = { kind: "person", id: found.id, name, grants: found.grants, limits: null } as const;
  const may = authorize(principal, "approve", { project, environment });
  if (!may.possible) throw new FairwayError("denied", may.reason);
  assertCounted(await approverOf(sql, principal, environment), run.terms);
}

async function questionOf(
  { store, plane, releaseOf }: LinkParts,
  { run: id, job, attempt, person, digest, expires }: ApprovalLink,
  run: Run,
): Promise<LinkQuestion> {
  const gate = (await gatesOf(store, id)).find((one) => one.job === job && one.attempt === attempt);
  const [waiting] = await store.rows(
    "select from fairway.jobs where run = $1 and name = $2 and attempt = $3 and state = 'waiting'",
    [id, job, attempt],
  );
  if (gate === undefined || waiting === undefined)
    throw new FairwayError("not_allowed_now", `${id} does not wait for an approval any more: it is ${run.state}`);
  const plan = await plannedDeployment(store, id);
  if (plan === null) throw new FairwayError("not_found", `${id} is no deployment`);
  const now = await plane.plan({ environment: plan.environment, release: plan.release });
  if (gate.digest !== digest || now.digest !== digest)
    throw new FairwayError("stale_approval", `what ${id} asked about is not what would happen now`, {
      problems: planDifferences(plan, now.plan),
      hint: `it is to be asked for again: fairway deploy ${plan.environment} ${plan.release}`,
    });
  const approver = await personById(store, person);
  const given = gate.answers.filter(({ answer }) => answer === "yes").map(({ by }) => by);
  const release = await releaseOf(plan.release);
  return { person: approver.name, run, plan, digest, release, needed: gate.needed, given, expires };
}

/** In which fields what was asked about differs from what would happen now. */
export async function differencesFromNow(plane: LinkParts["plane"], plan: DeploymentPlan): Promise<readonly string[]> {
  const now = await plane.plan({ environment: plan.environment, release: plan.release });
  return planDifferences(plan, now.plan);
}

const used = ({ run }: ApprovalLink): FairwayError =>
  new FairwayError("not_allowed_now", "this link was used already", {
    hint: `see what became of it: fairway run show ${run}`,
  });

/** Whether somebody's yes would count now, so that they are worth asking. */
export const isWorthAsking = (approver: Approver | undefined, terms: ApprovalTerms): boolean =>
  approver !== undefined && whyNotCounted(approver, terms) === null;
