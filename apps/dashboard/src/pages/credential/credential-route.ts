import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** The keys that the project has. */
export const credentialsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/credentials",
  component: lazyRouteComponent(() => import("./credentials-page.tsx"), "CredentialsPage"),
  staticData: { navigation: { label: "Credentials", group: "prove", key: "q", order: 48 } },
});
