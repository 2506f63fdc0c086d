import type { CanaryStep, StrategyOptions } from "@fairway/core";
import { defaultBlueGreen, defaultCanary, defaultLinear, defaultRolling } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { Ledger, Origin } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { Strategy } from "./project-config.ts";
import { resolveShift, type WrittenShift } from "./resolve-shift.ts";
import { resolveAnalysis, type WrittenAnalysis } from "./resolve-analysis.ts";

const pauseOfStep = 60_000;

/** A strategy's options; `origin` says where what is written at a path of the strategy came from. */
export function resolveStrategy(
  at: Path,
  strategy: Strategy | undefined,
  ledger: Ledger,
  origin: (path: Path) => Origin,
  writtenAt: Path = at,
): StrategyOptions {
  const { name, given } = named(strategy);
  ledger.note([...at, "name"], name, strategy === undefined ? { from: "default" } : origin(writtenAt));
  const option = <Value>(key: string, written: Value | undefined, standard: Value): Value =>
    ledger.choose<Value>([...at, key], [{ value: written, origin: origin([...writtenAt, name, key]) }], standard);
  const span = (key: "bake" | "every", standard: number): number =>
    option(key, given[key] === undefined ? undefined : millisOf(given[key]), standard);
  const { breaker, shift, audience } = resolveShift(given, (key, value) =>
    value === undefined ? undefined : option(key, value, value),
  );
  const judged = given.analysis && resolveAnalysis(given.analysis);
  const analysis = judged === undefined ? {} : { analysis: option("analysis", judged, judged) };
  switch (name) {
    case "rolling":
      return {
        name,
        minimumHealthyPercent: option(
          "minimumHealthyPercent",
          given.minimumHealthyPercent,
          defaultRolling.minimumHealthyPercent,
        ),
        maximumPercent: option("maximumPercent", given.maximumPercent, defaultRolling.maximumPercent),
        ...breaker,
      };
    case "recreate":
      return { name, ...breaker };
    case "blue-green":
      return { name, bake: span("bake", defaultBlueGreen.bake), ...shift, ...breaker, ...analysis };
    case "canary": {
      const steps = given.steps?.map(({ weight, pause, flags }): CanaryStep => ({
        weight,
        pause: pause === "approval" ? "approval" : (millisOf(pause ?? pauseOfStep) ?? pauseOfStep),
        ...(flags === undefined ? {} : { flags }),
      }));
      return {
        name,
        steps: option("steps", steps, defaultCanary.steps),
        bake: span("bake", defaultCanary.bake),
        ...shift,
        ...audience,
        ...breaker,
        ...analysis,
      };
    }
    case "linear":
      return {
        name,
        step: option("step", given.step, defaultLinear.step),
        every: span("every", defaultLinear.every),
        bake: span("bake", defaultLinear.bake),
        ...shift,
        ...audience,
        ...breaker,
        ...analysis,
      };
  }
}

/** Every option of every strategy; a strategy has only its own, which the schema sees to. */
interface Given extends WrittenShift {
  readonly minimumHealthyPercent?: number | undefined;
  readonly maximumPercent?: number | undefined;
  readonly bake?: string | number | undefined;
  readonly steps?:
    | readonly {
        readonly weight: number;
        readonly pause?: string | number | undefined;
        readonly flags?: Readonly<Record<string, number>> | undefined;
      }[]
    | undefined;
  readonly step?: number | undefined;
  readonly every?: string | number | undefined;
  readonly analysis?: WrittenAnalysis | undefined;
}

/** `"canary"` and `{ canary: { … } }` are the same strategy, once without options. */
function named(strategy: Strategy | undefined): { readonly name: StrategyOptions["name"]; readonly given: Given } {
  if (strategy === undefined) return { name: "rolling", given: {} };
  if (typeof strategy === "string") return { name: strategy, given: {} };
  const [found] = Object.entries(strategy) as [StrategyOptions["name"], Given][];
  if (found === undefined) throw new TypeError("the schema lets no strategy without a name through");
  return { name: found[0], given: found[1] };
}
