import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** Every repository of backups, and the drills that restore them. */
export const backupsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/backups",
  component: lazyRouteComponent(() => import("./backups-page.tsx"), "BackupsPage"),
  staticData: { navigation: { label: "Backups", group: "prove", key: "v", order: 47 } },
});
