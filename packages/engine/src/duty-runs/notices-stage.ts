import type { Project } from "@fairway/core";
import type { ReachParts } from "../notices/reach-channel.ts";
import { reachChannel } from "../notices/reach-channel.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { NoticesInput } from "./duty-run-plan.ts";
import { dutyStages } from "./duty-run-plan.ts";

interface NoticesStageParts extends Omit<ReachParts, "open"> {
  /** Left out where no plug-in knows a place. */
  readonly open: ReachParts["open"] | undefined;
  readonly project: () => Promise<Project | null>;
  readonly now: () => number;
}

/** Tells each channel something, and sees whether it arrives. A channel that nobody reads is found out before it is needed. */
export const noticesStage = ({ secrets, open, project, now }: NoticesStageParts): Stage => ({
  name: dutyStages.notices,
  async run(attempt: Attempt): Promise<Outcome> {
    const { channels: asked } = attempt.input as unknown as NoticesInput;
    const all = (await project())?.notices ?? [];
    const names = asked ?? all.map(({ name }) => name);
    if (names.length === 0) return { outcome: "failed", reason: "the newest configuration has no channel" };
    const refused: string[] = [];
    for (const name of names) {
      const why = await attempt.step(`tell ${name}`, async () => {
        const channel = all.find((one) => one.name === name);
        if (channel === undefined) return "the newest configuration has no such channel";
        if (open === undefined) return "nothing here knows how to reach it";
        attempt.progress(`telling ${name}`);
        const trial = { id: `fairway-${attempt.run}-${name}`, title: "Fairway tries whether this arrives", at: now() };
        return reachChannel(channel, trial, { secrets, open });
      });
      if (why !== null) refused.push(`${name}: ${why}`);
    }
    const result = { channels: names.length, arrived: names.length - refused.length };
    return refused.length === 0
      ? { outcome: "succeeded", result }
      : { outcome: "failed", reason: `it did not arrive at ${refused.join("; ")}`, result };
  },
});
