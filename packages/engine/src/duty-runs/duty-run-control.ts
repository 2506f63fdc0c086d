import type { CronClock, Duty, DutyPlan, Playbook, ReleaseId, RunId } from "@fairway/core";
import { FairwayError, scheduledSlot, systemActor } from "@fairway/core";
import { actingAs, whoActs } from "../audit/acting.ts";
import { inTurn, oneByOne } from "../control/one-by-one.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import type { RunPlan } from "../runs/stage.ts";
import { planDutyRun, planPlaybookRun } from "./duty-run-plan.ts";

/** What runs of duties are begun with. */
export interface DutyRunParts {
  readonly duties: Pick<DutyControl, "inForce" | "standings">;
  readonly startRun: (plan: RunPlan, key?: string) => Promise<RunId>;
  readonly clock: CronClock;
  /** Releases since a day of which nothing is on record of a duty, the oldest first. */
  readonly unshown: (duty: string, since: string) => Promise<readonly ReleaseId[]>;
  readonly now: () => number;
}

/** Duties that show themselves, and playbooks that are run. */
export interface DutyRunControl {
  /** Begins what shows a duty. Throws `not_found`, and `not_allowed_now` where only people show it. */
  run(asked: { readonly duty: string; readonly release: ReleaseId | null; readonly by: string }): Promise<RunId>;
  playbooks(): Promise<readonly Playbook[]>;
  /**
   * Runs a playbook as the commit has it whose duties hold. Throws `not_found`, and `not_allowed_now` where nothing of it runs.
   */
  runPlaybook(asked: {
    readonly playbook: string;
    readonly environment: string | null;
    readonly by: string;
  }): Promise<RunId>;
  /** Begins what is due by itself, once for each time of its calendar. May be repeated, and by several at once. */
  beginDue(): Promise<readonly RunId[]>;
}

export function dutyRunControl({ duties, startRun, clock, now, unshown }: DutyRunParts): DutyRunControl {
  const commitOf = ({
    commit,
  }: DutyPlan): { readonly commit: string; readonly requester: ReturnType<typeof whoActs> } => ({
    commit,
    requester: whoActs(),
  });
  return {
    async run({ duty: id, release, by }) {
      const { plan } = await duties.inForce();
      const duty = plan.duties.find((one) => one.id === id);
      if (duty === undefined)
        throw new FairwayError("not_found", `there is no duty ${id}`, { hint: "see which there are: fairway duties" });
      if (duty.run === undefined)
        throw new FairwayError("not_allowed_now", `${id} is shown by people`, {
          hint: duty.mend ?? `fairway duties attest ${id}, or give it a run: in ${duty.place.file}`,
        });
      if ((duty.cadence.kind === "release") !== (release !== null))
        throw new FairwayError(
          "bad_request",
          release === null ? `${id} is owed for each release: say which` : `${id} is not owed for releases`,
        );
      const asked = { ...commitOf(plan), by, release, slot: null };
      return startRun(planDutyRun(duty, duty.run, plan.playbooks ?? [], asked));
    },
    playbooks: async () => (await duties.inForce()).plan.playbooks ?? [],
    async runPlaybook({ playbook: id, environment, by }) {
      const { plan } = await duties.inForce();
      const found = plan.playbooks?.find((one) => one.id === id);
      if (found === undefined)
        throw new FairwayError("not_found", `there is no playbook ${id}`, {
          hint: `there are ${(plan.playbooks ?? []).map((one) => one.id).join(", ") || "none"}`,
        });
      if (found.steps.length === 0)
        throw new FairwayError("not_allowed_now", `nothing of ${id} runs by itself: it is for reading`, {
          hint: `mark a fence with step=NAME in ${found.file}`,
        });
      return startRun(planPlaybookRun(found, environment, { ...commitOf(plan), by, release: null, slot: null }));
    },
    async beginDue() {
      const { plan, since } = await duties.inForce();
      const begun: RunId[] = [];
      const begin = async (duty: Duty, release: ReleaseId | null, slot: string | null): Promise<void> => {
        if (duty.run === undefined) return;
        const asked = { commit: plan.commit, by: systemActor.name, requester: systemActor, release, slot };
        const planned = planDutyRun(duty, duty.run, plan.playbooks ?? [], asked);
        begun.push(await actingAs(systemActor, () => startRun(planned, `duty/${duty.id}/${release ?? slot}`)));
      };
      const ofReleases = plan.duties.filter(
        ({ cadence, run }) => cadence.kind === "release" && run?.scheduled === true,
      );
      // One that cannot be begun keeps no other from it, and is told of at the end.
      await inTurn(
        async () =>
          oneByOne(ofReleases, async (duty) =>
            oneByOne(await unshown(duty.id, since[duty.id] ?? ""), (release) => begin(duty, release, null)),
          ),
        async () =>
          oneByOne(await duties.standings({}), async (standing) => {
            const slot = scheduledSlot(standing, since[standing.duty.id] ?? "", now(), clock);
            if (slot !== null) await begin(standing.duty, null, slot);
          }),
      );
      return begun;
    },
  };
}
