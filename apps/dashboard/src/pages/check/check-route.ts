import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";
import { checksSearchOf } from "./checks-search.ts";

/** What is asked of services that run, and what it has come to. */
export const checksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/checks",
  component: lazyRouteComponent(() => import("./checks-page.tsx"), "ChecksPage"),
  validateSearch: checksSearchOf,
  staticData: { navigation: { label: "Checks", group: "watch", key: "k", order: 22 } },
});

/** One result, with each of its tests. */
export const checkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/checks/$result",
  component: lazyRouteComponent(() => import("./check-page.tsx"), "CheckPage"),
});
