import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What one run asks people: everything that an answer is bound to, and the answer. */
export const approvalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/approvals/$run",
  component: lazyRouteComponent(() => import("./approval-page.tsx"), "ApprovalPage"),
});
