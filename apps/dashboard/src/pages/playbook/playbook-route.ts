import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What to do when. */
export const playbooksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/playbooks",
  component: lazyRouteComponent(() => import("./playbooks-page.tsx"), "PlaybooksPage"),
  staticData: { navigation: { label: "Playbooks", group: "prove", key: "h", order: 49 } },
});
