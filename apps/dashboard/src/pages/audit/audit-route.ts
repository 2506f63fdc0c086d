import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";
import { auditSearchOf } from "./audit-search.ts";

/** Who changed, decided and was refused what. */
export const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/audit",
  component: lazyRouteComponent(() => import("./audit-page.tsx"), "AuditPage"),
  validateSearch: auditSearchOf,
  staticData: { navigation: { label: "Audit", group: "operate", key: "a", order: 60 } },
});
