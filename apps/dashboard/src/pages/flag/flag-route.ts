import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What a link to the feature flags holds: the environment, and the flag whose record is open. */
export interface FlagSearch {
  readonly environment?: string;
  readonly flag?: string;
}

const searchOf = ({ environment, flag }: Readonly<Record<string, unknown>>): FlagSearch => ({
  ...(typeof environment === "string" ? { environment } : {}),
  ...(typeof flag === "string" ? { flag } : {}),
});

/** The feature flags of one environment. */
export const flagsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/flags",
  component: lazyRouteComponent(() => import("./flags-page.tsx"), "FlagsPage"),
  validateSearch: searchOf,
  staticData: { navigation: { label: "Flags", group: "deliver", key: "f", order: 5 } },
});
