import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What is brought where, and was. */
export const deploymentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/deployments",
  component: lazyRouteComponent(() => import("./deployments-page.tsx"), "DeploymentsPage"),
  validateSearch: ({ environment }: Readonly<Record<string, unknown>>): { readonly environment?: string } =>
    typeof environment === "string" ? { environment } : {},
  staticData: { navigation: { label: "Deployments", group: "deliver", key: "d", order: 2 } },
});

/** One deployment, on its way or done. */
export const deploymentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/deployments/$run",
  component: lazyRouteComponent(() => import("./deployment-page.tsx"), "DeploymentPage"),
});
