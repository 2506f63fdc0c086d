import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** The environments that live as long as a pull request. */
export const previewsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/previews",
  component: lazyRouteComponent(() => import("./previews-page.tsx"), "PreviewsPage"),
  staticData: { navigation: { label: "Previews", group: "deliver", key: "p", order: 4 } },
});
