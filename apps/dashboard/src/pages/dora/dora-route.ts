import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";
import { doraSearchOf } from "./dora-search.ts";

/** How well changes are brought to people. */
export const doraRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/dora",
  component: lazyRouteComponent(() => import("./dora-page.tsx"), "DoraPage"),
  validateSearch: doraSearchOf,
  staticData: { navigation: { label: "DORA", group: "watch", key: "m", order: 40 } },
});
