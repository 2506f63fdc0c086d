import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What a link to a release holds: the release that it is compared with. */
export interface ReleaseSearch {
  readonly from?: string;
}

const searchOf = ({ from }: Readonly<Record<string, unknown>>): ReleaseSearch =>
  typeof from === "string" ? { from } : {};

/** What can be deployed, the newest first. */
export const releasesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/releases",
  component: lazyRouteComponent(() => import("./releases-page.tsx"), "ReleasesPage"),
  staticData: { navigation: { label: "Releases", group: "deliver", key: "r", order: 3 } },
});

/** One release: what it is made of, how it came to be, where it is and has been. */
export const releaseRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/releases/$release",
  component: lazyRouteComponent(() => import("./release-page.tsx"), "ReleasePage"),
  validateSearch: searchOf,
});
