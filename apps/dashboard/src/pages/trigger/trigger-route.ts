import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What starts by itself, and what each time came of it. */
export const triggersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/triggers",
  component: lazyRouteComponent(() => import("./triggers-page.tsx"), "TriggersPage"),
  staticData: { navigation: { label: "Triggers", group: "watch", key: "t", order: 30 } },
});
