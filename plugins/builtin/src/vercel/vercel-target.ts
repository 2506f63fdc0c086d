import type { Facts, Group, HostedMarks, Progress, Rollout, StrategyName, Target } from "@fairway/core";
import { nextMove, nothing } from "@fairway/core";
import { pagesAnswer } from "../hosted/page-headers.ts";
import { whenQuiet } from "../hosted/when-quiet.ts";
import { observeVercel } from "./observe-vercel.ts";
import { begin, deployed } from "./vercel-begin.ts";
import type { VercelLook } from "./vercel-look.ts";
import { lookAtVercel } from "./vercel-look.ts";
import { approveStage, completeRolling, pointTo, startRolling } from "./vercel-moves.ts";
import { preflightVercel } from "./vercel-preflight.ts";
import { failed, isOlder, notReady } from "./vercel-readiness.ts";
import { shiftOf } from "./vercel-shift.ts";
import type { VercelTargetParts } from "./vercel-target-parts.ts";
import { asked, moving } from "./vercel-target-parts.ts";
import { vercelVerdict } from "./vercel-verdict.ts";
import { wayBack } from "./vercel-way-back.ts";

/** Vercel stops nothing before it starts something, so there is no recreate. */
const strategies: ReadonlySet<StrategyName> = new Set(["rolling", "blue-green", "canary", "linear"]);

/**
 * A service on Vercel. Its deployment is made of what the release's build left, without its domains; then they are led to
 * it. Green only when every one of them leads to this very deployment.
 */
export function vercelTarget(parts: VercelTargetParts): Target {
  const { placement, scope, ledger, api, signal } = parts;

  async function advance(rollout: Rollout, facts: Facts): Promise<Progress> {
    await ledger.fence(rollout.token);
    signal?.throwIfAborted();
    const look = await lookAtVercel(api, placement);
    if ("refused" in look) return failed(look.refused);
    const known = await ledger.read(scope);
    const begun =
      known !== null && known.rollout === rollout.id && !known.isBack ? known : await begin(parts, rollout, look);
    if ("phase" in begun) return begun;
    const marks = await deployed(parts, rollout, look, begun);
    if ("phase" in marks) return marks;
    const mine = marks.deployment ?? "";
    const verdict = vercelVerdict(look, marks);
    switch (verdict.is) {
      case "failed":
        return failed(verdict.reason);
      case "superseded":
        return { ...failed(verdict.reason), ending: "superseded" };
      case "moving":
        return moving(parts, verdict.message);
      case "free": {
        const waits = await notReady(parts, mine);
        if (waits !== null) return waits;
        return decide(rollout, facts, look, marks, { weight: 0, stage: -1 });
      }
      case "rolling":
        if (marks.stages === "completing")
          return moving(parts, "Vercel completes the rolling release", verdict.percent);
        if (marks.stages === null) await ledger.write(rollout.token, { ...marks, stages: "seen" });
        return decide(rollout, facts, look, marks, { weight: verdict.percent, stage: verdict.stage });
      case "ours":
        return decide(rollout, facts, look, marks, { weight: 100, stage: -1 });
    }
  }

  /** One decision by the strategy, and one call. */
  async function decide(
    rollout: Rollout,
    facts: Facts,
    look: VercelLook,
    marks: HostedMarks,
    { weight, stage }: { readonly weight: number; readonly stage: number },
  ): Promise<Progress> {
    const mine = marks.deployment ?? "";
    const all: Group = { ...nothing, running: rollout.desired, ready: rollout.desired };
    const hadAny = Object.values(marks.before).some((id) => id !== null && id !== mine);
    const move = nextMove(shiftOf(rollout.strategy), {
      desired: rollout.desired,
      stable: hadAny ? all : nothing,
      candidate: all,
      weight,
      facts,
    });
    signal?.throwIfAborted();
    switch (move.do) {
      case "shift": {
        // Written down first: who comes after us knows what was asked for before.
        const note = (stages: HostedMarks["stages"]): Promise<void> =>
          ledger.write(rollout.token, { ...marks, stages, asked: marks.asked ?? look.request?.requestedAt ?? 0 });
        if (stage >= 0 && move.weight < 100)
          return asked(
            parts,
            rollout,
            await approveStage(api, look, stage, mine),
            `${move.weight} % of the traffic to ${rollout.to}`,
            weight,
          );
        if (stage >= 0) {
          const refused = await completeRolling(api, look, mine);
          // Only what was taken is waited for.
          if (refused === null) await note("completing");
          return asked(parts, rollout, refused, "completing the rolling release", weight);
        }
        await note(marks.stages);
        if (move.weight < 100)
          return asked(
            parts,
            rollout,
            await startRolling(api, look, rollout, mine),
            `${move.weight} % of the traffic to ${rollout.to}`,
            weight,
          );
        const wanted = Object.fromEntries(Object.keys(look.addresses).map((address) => [address, mine]));
        const refused = await pointTo(api, placement, look, wanted, await isOlder(api, placement, mine, marks));
        return asked(parts, rollout, refused, `leading ${Object.keys(wanted).join(", ")} to ${mine}`);
      }
      case "ask":
        return { ...moving(parts, `waiting for an answer: ${move.question}`, weight), asks: move.question };
      case "hold":
        return {
          ...moving(parts, `waiting until ${move.until}`, weight),
          ...(move.wants === undefined ? {} : { wants: move.wants }),
        };
      case "abort":
        return failed(move.reason);
      // What it replaces stays at Vercel as it is, and costs nothing: there is nothing to scale.
      case "scale":
      case "finish":
        // They have been right here before; on a way back they could only bring the worse release back.
        if (placement.pages.length > 0 && (await isOlder(api, placement, mine, marks))) return { phase: "succeeded" };
        return pagesAnswer(parts, rollout, placement.url ?? `https://${Object.keys(look.addresses)[0] ?? ""}`);
    }
  }

  return {
    kind: "vercel",
    strategies,
    observe: () => observeVercel(parts),
    preflight: (rollout) => preflightVercel(parts, rollout),
    fence: (token) => ledger.fence(token),
    advance: (rollout, facts) => whenQuiet(api, () => advance(rollout, facts)),
    abort: (rollout) => whenQuiet(api, () => wayBack(parts, rollout)),
    /** Every stage waits for Fairway, so a rolling release stands still by itself. */
    hold: () =>
      whenQuiet(api, async () => {
        const look = await lookAtVercel(api, placement);
        if ("refused" in look) return moving(parts, look.refused);
        const { rolling } = look;
        return rolling === null
          ? moving(parts, "held")
          : moving(parts, `held at ${rolling.percent} % of the traffic`, rolling.percent);
      }),
  };
}
