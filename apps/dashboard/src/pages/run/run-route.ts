import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";
import { runsSearchOf } from "./runs-search.ts";

/**
 * What a link to a run holds: which job and step is open. Lines of its log are behind the `#`; `line` is what older links have.
 */
export interface RunSearch {
  readonly job?: string;
  readonly step?: string;
  readonly line?: number;
}

const searchOf = ({ job, step, line }: Readonly<Record<string, unknown>>): RunSearch => ({
  ...(typeof job === "string" ? { job } : {}),
  ...(typeof step === "string" ? { step } : {}),
  ...(typeof line === "number" && Number.isInteger(line) && line > 0 ? { line } : {}),
});

/** Runs of every kind, the newest first. */
export const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs",
  component: lazyRouteComponent(() => import("./runs-page.tsx"), "RunsPage"),
  validateSearch: runsSearchOf,
  staticData: { navigation: { label: "Runs", group: "watch", key: "u", order: 20 } },
});

/** One run with its jobs, their steps and what they wrote. */
export const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/$run",
  component: lazyRouteComponent(() => import("./run-page.tsx"), "RunPage"),
  validateSearch: searchOf,
});
