import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** Stacks, their plans, and where the world differs from the code. */
export const infrastructureRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/infrastructure",
  component: lazyRouteComponent(() => import("./infrastructure-page.tsx"), "InfrastructurePage"),
  staticData: { navigation: { label: "Infrastructure", group: "operate", key: "i", order: 50 } },
});
