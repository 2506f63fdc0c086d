import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What a link to the environments holds: whether the page explains itself, as `npm start` opens it. */
export interface HomeSearch {
  readonly tour?: true;
}

const searchOf = ({ tour }: Readonly<Record<string, unknown>>): HomeSearch =>
  tour === undefined ? {} : { tour: true };

/** What runs where. */
export const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./home-page.tsx"), "HomePage"),
  validateSearch: searchOf,
  staticData: { navigation: { label: "Environments", group: "deliver", key: "e", order: 1 } },
});
