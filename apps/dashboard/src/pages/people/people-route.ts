import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** Who may do what: people with their roles, and tokens. */
export const peopleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/people",
  component: lazyRouteComponent(() => import("./people-page.tsx"), "PeoplePage"),
  staticData: { navigation: { label: "People", group: "operate", key: "o", order: 58 } },
});
