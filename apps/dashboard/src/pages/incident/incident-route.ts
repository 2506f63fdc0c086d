import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What went wrong for those who use what runs. */
export const incidentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/incidents",
  component: lazyRouteComponent(() => import("./incidents-page.tsx"), "IncidentsPage"),
  staticData: { navigation: { label: "Incidents", group: "watch", key: "w", order: 34 } },
});

/** One incident, with what was written down of it. */
export const incidentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/incidents/$incident",
  component: lazyRouteComponent(() => import("./incident-page.tsx"), "IncidentPage"),
});
