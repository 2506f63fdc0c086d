import type {
  Facts,
  Group,
  HostedLedger,
  HostedMarks,
  Progress,
  ReleaseId,
  Rollout,
  StrategyName,
  Target,
  VercelPlacement,
} from "@fairway/core";
import { nextMove, nothing } from "@fairway/core";
import type { PlatformApi } from "../hosted/platform-api.ts";
import { whenQuiet } from "../hosted/when-quiet.ts";
import { pagesAnswer } from "../hosted/page-headers.ts";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import type { VercelBundle } from "./vercel-deployments.ts";
import { observeVercel } from "./observe-vercel.ts";
import { deploymentsOf, makeDeployment } from "./vercel-deployments.ts";
import type { VercelLook } from "./vercel-look.ts";
import { lookAtVercel, missingVariables } from "./vercel-look.ts";
import type { Refused } from "./vercel-moves.ts";
import { approveStage, beforeOf, completeRolling, pointTo, startRolling } from "./vercel-moves.ts";
import { cancelIfOpen, failed, isDead, isOlder, notReady } from "./vercel-readiness.ts";
import { shiftOf } from "./vercel-shift.ts";
import { isOpen, vercelBack, vercelVerdict } from "./vercel-verdict.ts";

/** What a target on Vercel is made of. */
export interface VercelTargetParts {
  readonly placement: VercelPlacement;
  /** Its name in the ledger. */
  readonly scope: string;
  readonly ledger: HostedLedger;
  readonly api: PlatformApi;
  /** Asks pages for their headers. */
  readonly outgoing: GuardedFetch;
  readonly bundleOf: (release: ReleaseId) => Promise<VercelBundle>;
  /** How often pages did not answer as they must, by rollout; losing it costs looks and nothing else. */
  readonly looks: Map<string, number>;
  readonly signal?: AbortSignal | undefined;
}

/** Vercel stops nothing before it starts something, so there is no recreate. */
const strategies: ReadonlySet<StrategyName> = new Set(["rolling", "blue-green", "canary", "linear"]);
const refusalsInARow = 5;

/**
 * A service on Vercel. Its deployment is made of what the release's build left, without its domains; then they are led to
 * it. Green only when every one of them leads to this very deployment.
 */
export function vercelTarget(parts: VercelTargetParts): Target {
  const { placement, scope, ledger, api, signal } = parts;
  const moving = (message: string, weight?: number): Extract<Progress, { phase: "moving" }> => ({
    phase: "moving",
    message,
    checkAgainIn: placement.poll,
    ...(weight === undefined ? {} : { weight }),
  });
  /**
   * What was asked for shows at the next look. A "no" to what may have happened already is asked about again: whoever asked
   * first may have had no answer.
   */
  function asked({ id }: Rollout, refused: Refused, message: string, weight?: number): Progress {
    const key = `${id} refused`;
    if (refused === null) {
      parts.looks.delete(key);
      return moving(message, weight);
    }
    const times = (parts.looks.get(key) ?? 0) + 1;
    parts.looks.set(key, times);
    if (refused.mayPass && times < refusalsInARow) return moving(`${message}: ${refused.sentence}`, weight);
    parts.looks.delete(key);
    return failed(refused.sentence);
  }

  async function begin(rollout: Rollout, look: VercelLook): Promise<HostedMarks | Progress> {
    // Somebody else's is theirs to end; nothing of this rollout is there yet that could be in its way.
    if (look.rolling !== null)
      return moving(
        `a rolling release of ${look.rolling.canary} is under way on Vercel: complete it or abort it there`,
      );
    if (look.request !== null && isOpen(look.request.status))
      return moving(`Vercel still moves the domains to ${look.request.to}`);
    const missing = await missingVariables(api, placement);
    if ("refused" in missing) return failed(missing.refused);
    if (missing.length > 0)
      return failed(
        `project ${placement.project} on Vercel has no ${missing.join(", ")} for ${placement.target}: add them there`,
      );
    const there = await deploymentsOf(api, look.projectId, rollout);
    if ("refused" in there) return failed(there.refused);
    const marks: HostedMarks = {
      rollout: rollout.id,
      release: rollout.to,
      desired: rollout.desired,
      placement,
      before: look.addresses,
      deployment: there.find(({ state }) => state === "READY")?.id ?? null,
      dead: there.filter(({ state }) => isDead(state)).map(({ id }) => id),
      asked: null,
      askedBack: null,
      stages: null,
      isBack: false,
    };
    await ledger.write(rollout.token, marks);
    return marks;
  }

  /** The deployment of this rollout: the one that was made already, by whoever was killed, or a new one. */
  async function deployed(rollout: Rollout, look: VercelLook, marks: HostedMarks): Promise<HostedMarks | Progress> {
    if (marks.deployment !== null) return marks;
    const found = await deploymentsOf(api, look.projectId, rollout);
    if ("refused" in found) return failed(found.refused);
    const there = found.find(({ id }) => !marks.dead.includes(id));
    const made = there ?? (await makeDeployment(api, placement, rollout, await parts.bundleOf(rollout.to), signal));
    if ("refused" in made) return failed(made.refused);
    const known = { ...marks, deployment: made.id };
    await ledger.write(rollout.token, known);
    return known;
  }

  async function advance(rollout: Rollout, facts: Facts): Promise<Progress> {
    await ledger.fence(rollout.token);
    signal?.throwIfAborted();
    const look = await lookAtVercel(api, placement);
    if ("refused" in look) return failed(look.refused);
    const known = await ledger.read(scope);
    const begun = known !== null && known.rollout === rollout.id && !known.isBack ? known : await begin(rollout, look);
    if ("phase" in begun) return begun;
    const marks = await deployed(rollout, look, begun);
    if ("phase" in marks) return marks;
    const mine = marks.deployment ?? "";
    const verdict = vercelVerdict(look, marks);
    switch (verdict.is) {
      case "failed":
        return failed(verdict.reason);
      case "superseded":
        return { ...failed(verdict.reason), ending: "superseded" };
      case "moving":
        return moving(verdict.message);
      case "free": {
        const waits = await notReady(api, moving, mine);
        if (waits !== null) return waits;
        return decide(rollout, facts, look, marks, { weight: 0, stage: -1 });
      }
      case "rolling":
        if (marks.stages === "completing") return moving("Vercel completes the rolling release", verdict.percent);
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
            rollout,
            await approveStage(api, look, stage, mine),
            `${move.weight} % of the traffic to ${rollout.to}`,
            weight,
          );
        if (stage >= 0) {
          const refused = await completeRolling(api, look, mine);
          // Only what was taken is waited for.
          if (refused === null) await note("completing");
          return asked(rollout, refused, "completing the rolling release", weight);
        }
        await note(marks.stages);
        if (move.weight < 100)
          return asked(
            rollout,
            await startRolling(api, look, rollout, mine),
            `${move.weight} % of the traffic to ${rollout.to}`,
            weight,
          );
        const wanted = Object.fromEntries(Object.keys(look.addresses).map((address) => [address, mine]));
        const refused = await pointTo(api, placement, look, wanted, await isOlder(api, placement, mine, marks));
        return asked(rollout, refused, `leading ${Object.keys(wanted).join(", ")} to ${mine}`);
      }
      case "ask":
        return { ...moving(`waiting for an answer: ${move.question}`, weight), asks: move.question };
      case "hold":
        return {
          ...moving(`waiting until ${move.until}`, weight),
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

  async function abort(rollout: Rollout): Promise<Progress> {
    await ledger.fence(rollout.token);
    const known = await ledger.read(scope);
    const isMine = known !== null && known.rollout === rollout.id;
    // A preview that ends is not the rollout that brought it.
    if (known === null || (!isMine && (rollout.from !== null || rollout.desired > 0))) return { phase: "succeeded" };
    if (isMine && known.isBack) return { phase: "succeeded" };
    const look = await lookAtVercel(api, placement);
    if ("refused" in look) return failed(look.refused);
    const marks = await knownDeployment(rollout, look, known);
    if ("phase" in marks) return marks;
    if (!isMine) return takeAway(rollout, look, marks);
    switch (vercelBack(look, marks)) {
      case "moving":
        return moving("Vercel moves the domains");
      case "somebody else's":
        return failed("what runs on Vercel now was brought by somebody else; it was left as it is");
      case "failed":
        return failed("Vercel did not lead the domains back");
      case "back":
        return back(rollout, look, marks);
      case "rolling":
      case "ours":
        return lead(rollout, look, marks);
    }
  }

  /** The addresses lead where they led. What was asked for may still come, so it is asked for the contrary once. */
  async function back(rollout: Rollout, look: VercelLook, marks: HostedMarks): Promise<Progress> {
    const isFirst = Object.values(beforeOf(look, marks)).every((id) => id === null);
    if (marks.asked !== null && isFirst) return takeAway(rollout, look, marks);
    if (marks.asked !== null && marks.askedBack === null) {
      const led = await lead(rollout, look, marks);
      if (led.phase === "moving") return led;
    }
    const refused = marks.deployment === null ? null : await cancelIfOpen(api, marks.deployment);
    if (refused !== null) return failed(refused);
    await ledger.write(rollout.token, { ...marks, isBack: true });
    return { phase: "succeeded" };
  }

  async function lead(rollout: Rollout, look: VercelLook, marks: HostedMarks): Promise<Progress> {
    const wanted = beforeOf(look, marks);
    if (Object.values(wanted).every((id) => id === null)) return takeAway(rollout, look, marks);
    if (marks.askedBack === null)
      await ledger.write(rollout.token, { ...marks, askedBack: look.request?.requestedAt ?? 0 });
    return asked(rollout, await pointTo(api, placement, look, wanted, true), "leading the domains back");
  }

  /** With the deployment that whoever was killed had made already. */
  async function knownDeployment(
    rollout: Rollout,
    look: VercelLook,
    marks: HostedMarks,
  ): Promise<HostedMarks | Progress> {
    if (marks.deployment !== null) return marks;
    const found = await deploymentsOf(api, look.projectId, { ...rollout, to: marks.release });
    if ("refused" in found) return failed(found.refused);
    return { ...marks, deployment: found.find(({ id }) => !marks.dead.includes(id))?.id ?? null };
  }

  /** Nothing was there before, and nothing stays: a deployment that is deleted takes its addresses with it. */
  async function takeAway(rollout: Rollout, look: VercelLook, marks: HostedMarks): Promise<Progress> {
    const mine = marks.deployment;
    const isThere = Object.values(look.addresses).includes(mine) || marks.asked !== null || rollout.desired === 0;
    if (mine !== null && isThere) {
      const answer = await api.call({ method: "DELETE", path: `/v13/deployments/${encodeURIComponent(mine)}` });
      if (!answer.ok && answer.refusal.status !== 404) return failed(answer.refusal.sentence);
    }
    if (rollout.desired === 0) await ledger.forget(rollout.token);
    else await ledger.write(rollout.token, { ...marks, deployment: null, isBack: true });
    return { phase: "succeeded" };
  }

  /** Null where nothing is open any more, else why that is not known. */
  return {
    kind: "vercel",
    strategies,
    observe: () => observeVercel(parts),
    fence: (token) => ledger.fence(token),
    advance: (rollout, facts) => whenQuiet(api, () => advance(rollout, facts)),
    abort: (rollout) => whenQuiet(api, () => abort(rollout)),
    /** Every stage waits for Fairway, so a rolling release stands still by itself. */
    hold: () =>
      whenQuiet(api, async () => {
        const look = await lookAtVercel(api, placement);
        if ("refused" in look) return moving(look.refused);
        const { rolling } = look;
        return rolling === null
          ? moving("held")
          : moving(`held at ${rolling.percent} % of the traffic`, rolling.percent);
      }),
  };
}
