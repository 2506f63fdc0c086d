import type { Replica } from "./replica-host.ts";
import type { Rollout } from "./rollout.ts";
import type { Preview, RouteDefaults } from "./routing.ts";
import { groupsByReplicas } from "./routing.ts";
import type { StrategyOptions } from "./strategy.ts";
import type { Audience, RouteRule } from "./traffic-router.ts";

/** How clients are told apart while the release is new; null when its strategy tells nobody apart. */
export function audienceOf({ strategy, to }: Rollout): Audience | null {
  if (strategy.name !== "canary" && strategy.name !== "linear") return null;
  const { sticky, match } = strategy;
  if (sticky !== true && match === undefined) return null;
  return { release: to, ...(sticky === true ? { sticky } : {}), ...(match === undefined ? {} : { match }) };
}

/** The way to the new replicas that are ready; null when the strategy has none. */
export function previewOf({ strategy, to }: Rollout, route: RouteDefaults, among: readonly Replica[]): Preview | null {
  if (!("bake" in strategy)) return null;
  if (strategy.preview === undefined && strategy.verifyFirst !== true) return null;
  return {
    rules: previewRules(strategy.preview, route.rules),
    groups: groupsByReplicas(among.filter(({ release }) => release === to)),
  };
}

/** Under which public hosts a preview is found. A rule for every host has no name that `preview.` could precede. */
export function previewRules(preview: true | string | undefined, rules: readonly RouteRule[]): readonly RouteRule[] {
  if (preview === undefined) return [];
  if (preview !== true) return [{ host: preview, path: "/" }];
  return rules.filter(({ host }) => host !== "*").map(({ host, path }) => ({ host: `preview.${host}`, path }));
}

/** A strategy on the way back: the release that comes back is not new to anybody. */
export function asKnown(strategy: StrategyOptions): StrategyOptions {
  switch (strategy.name) {
    case "rolling":
    case "recreate":
      return strategy;
    case "blue-green": {
      const { preview: _preview, verifyFirst: _verifyFirst, ...known } = strategy;
      return known;
    }
    case "canary":
    case "linear": {
      const { preview: _preview, verifyFirst: _verifyFirst, sticky: _sticky, match: _match, ...known } = strategy;
      return known;
    }
  }
}
