import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What people were told, and whether it arrived. */
export const noticesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/notices",
  component: lazyRouteComponent(() => import("./notices-page.tsx"), "NoticesPage"),
  staticData: { navigation: { label: "Notices", group: "operate", key: "n", order: 56 } },
});
