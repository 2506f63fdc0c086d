import { codeOf } from "@fairway/core";
import type { Composition } from "../compose.ts";
import type { RouterControl } from "../router-control.ts";
import type { MeasuredFacts } from "./metrics-text.ts";
import { metricsText } from "./metrics-text.ts";
import type { FiguresByRoute } from "./release-figures.ts";
import { TrafficWindow } from "./traffic-window.ts";

/** How routes are used now, as far as the router tells. */
export interface TrafficNow {
  /** Null when it does not answer, or counts nothing. */
  readonly figures: FiguresByRoute | null;
  /** What users of routes are told instead of being served. */
  readonly maintenance: ReadonlyMap<string, string>;
}

/** Watches what the router does. One that does not answer keeps nobody from seeing the rest; its state is told elsewhere. */
export interface TrafficWatch {
  now(): Promise<TrafficNow>;
  /** Everything that is measured, in Prometheus' text format. */
  metrics(others: Pick<MeasuredFacts, "control" | "api">): Promise<string>;
  close(): void;
}

const unknown: TrafficNow = { figures: null, maintenance: new Map() };

const unlessAway =
  <Unknown>(otherwise: Unknown) =>
  (thrown: unknown): Unknown => {
    if (codeOf(thrown) === "router_unavailable") return otherwise;
    throw thrown;
  };

/** Begins to watch. Troubles other than a router that does not answer are told. */
export function watchTraffic(
  traffic: Composition["traffic"],
  router: RouterControl,
  version: string,
  tell: (thrown: unknown) => void,
): TrafficWatch {
  const counted = "traffic" in traffic ? traffic : null;
  const window = counted && new TrafficWindow(() => counted.traffic());
  window?.open(tell);

  const now = async (): Promise<TrafficNow> => {
    const [{ routes }, figures] = await Promise.all([traffic.read(), window?.figures(performance.now()) ?? null]);
    const closed = Object.entries(routes).flatMap(([route, { maintenance }]) =>
      maintenance === undefined ? [] : [[route, maintenance.message] as const],
    );
    return { figures, maintenance: new Map(closed) };
  };
  return {
    now: () => now().catch(unlessAway(unknown)),
    metrics: async (others) => {
      const [status, counts] = await Promise.all([
        router.status().catch(unlessAway(null)),
        counted?.traffic().catch(unlessAway(null)) ?? null,
      ]);
      return metricsText({ ...others, version, router: status, traffic: counts });
    },
    close: () => window?.close(),
  };
}
