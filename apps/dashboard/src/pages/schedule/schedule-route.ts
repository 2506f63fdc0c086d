import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What a link to the schedules holds: the one whose past is open. */
export interface ScheduleSearch {
  readonly schedule?: string;
}

const searchOf = ({ schedule }: Readonly<Record<string, unknown>>): ScheduleSearch =>
  typeof schedule === "string" ? { schedule } : {};

/** What comes due by the clock, and what came of it. */
export const schedulesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/schedules",
  component: lazyRouteComponent(() => import("./schedules-page.tsx"), "SchedulesPage"),
  validateSearch: searchOf,
  staticData: { navigation: { label: "Schedules", group: "watch", key: "c", order: 32 } },
});
