import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What keeps deployments out of environments: locks of people, and freezes of the configuration. */
export const locksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/locks",
  component: lazyRouteComponent(() => import("./locks-page.tsx"), "LocksPage"),
  staticData: { navigation: { label: "Locks", group: "operate", key: "l", order: 46 } },
});
