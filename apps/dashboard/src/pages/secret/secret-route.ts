import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** Secrets by name; a value is written here and never read. */
export const secretsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/secrets",
  component: lazyRouteComponent(() => import("./secrets-page.tsx"), "SecretsPage"),
  staticData: { navigation: { label: "Secrets", group: "operate", key: "s", order: 54 } },
});
