import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What a link to the migrations holds. */
export interface MigrationSearch {
  readonly environment?: string;
}

const searchOf = ({ environment }: Readonly<Record<string, unknown>>): MigrationSearch =>
  typeof environment === "string" ? { environment } : {};

/** The schemas of an environment's databases. */
export const migrationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/migrations",
  component: lazyRouteComponent(() => import("./migrations-page.tsx"), "MigrationsPage"),
  validateSearch: searchOf,
  staticData: { navigation: { label: "Migrations", group: "operate", key: "b", order: 52 } },
});
