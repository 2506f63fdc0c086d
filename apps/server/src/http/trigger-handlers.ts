import type { FiringShape, TriggersShape } from "@fairway/api";
import type { ForgeEvent, Trigger } from "@fairway/core";
import { actionLabel, FairwayError, isNoSha, isRefName, isSha, sourceLabel } from "@fairway/core";
import type { Firing, TriggerControl, TriggerStanding } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

type TriggerOperations = "triggers" | "firings" | "firing" | "fireTrigger" | "tellMoves";

/** What is asked of triggers. */
export function triggerHandlers(triggers: TriggerControl): Pick<Handlers, TriggerOperations> {
  return {
    triggers: async (): Promise<TriggersShape> => {
      const { triggers: all, branch, problem } = await triggers.list();
      return { branch, problem, triggers: all.map(triggerView) };
    },
    firings: async (filter) => (await triggers.fired(filter)).map(firingView),
    firing: async ({ firing }) => firingView(await triggers.firing(firing)),
    fireTrigger: async ({ trigger: name, inputs, key }, { actor, may }) => {
      const { trigger } = await triggers.named(name);
      const possible = await may("change", { environment: environmentOf(trigger) });
      if (!possible.possible) throw new FairwayError("not_allowed_now", possible.reason);
      return firingView(await triggers.fire(name, inputs, actor, key));
    },
    tellMoves: async ({ moves, by }) => ({ news: await triggers.moved(moves.map((move) => moveOf(move, by))) }),
  };
}

/** The environment that a trigger changes; null where it changes none that is known before. */
const environmentOf = ({ starts }: Trigger): string | null =>
  starts.kind === "deploy" || starts.kind === "plan" ? starts.environment : null;

const triggerView = ({ trigger, next, last }: TriggerStanding): TriggersShape["triggers"][number] => ({
  name: trigger.name,
  on: trigger.on.map(sourceLabel),
  starts: actionLabel(trigger.starts),
  inputs: trigger.inputs.map((input) => ({ ...input, options: [...input.options] })),
  next: next?.toISOString() ?? null,
  last: last === null ? null : firingView(last),
});

/** A firing without what is only the engine's. */
const firingView = ({
  number,
  trigger,
  cause,
  ref,
  sha,
  by,
  state,
  why,
  run,
  firedAt,
  decidedAt,
}: Firing): FiringShape => ({
  number,
  trigger,
  cause,
  ref,
  sha,
  by,
  state,
  why,
  run,
  firedAt,
  decidedAt,
});

interface ToldMove {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

/** A move of plain git as an event. Throws `bad_request` for what git would not have said. */
function moveOf({ ref, before, after }: ToldMove, by: string): ForgeEvent {
  if (!isRefName(ref)) throw new FairwayError("bad_request", `${JSON.stringify(ref)} is no name of a branch or tag`);
  for (const sha of [before, after])
    if (!isSha(sha)) throw new FairwayError("bad_request", `${JSON.stringify(sha)} is no full commit hash`);
  return {
    kind: "push",
    name: "push",
    by,
    payload: null,
    ref,
    before: isNoSha(before) ? null : before,
    after: isNoSha(after) ? null : after,
    message: null,
  };
}
