import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

type Search = Readonly<Record<string, unknown>>;

/** Only what of a link's search is text, under these names. */
const textsOf =
  <Name extends string>(...names: readonly Name[]) =>
  (search: Search): { readonly [Key in Name]?: string } =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = search[name];
        return typeof value === "string" && value !== "" ? [[name, value]] : [];
      }),
    ) as { readonly [Key in Name]?: string };

/** Whether an environment takes a release, by the duties that its gate names. */
export const readinessRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/readiness",
  component: lazyRouteComponent(() => import("./readiness-page.tsx"), "ReadinessPage"),
  validateSearch: textsOf("environment"),
  staticData: { navigation: { label: "Readiness", group: "prove", key: "y", order: 42 } },
});

/** Everything that is owed. */
export const dutiesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/duties",
  component: lazyRouteComponent(() => import("./duties-page.tsx"), "DutiesPage"),
  validateSearch: textsOf("kind", "state"),
  staticData: { navigation: { label: "Duties", group: "prove", key: "o", order: 43 } },
});

/** One duty, with what is on record of it. */
export const dutyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/duties/$duty",
  component: lazyRouteComponent(() => import("./duty-page.tsx"), "DutyPage"),
  validateSearch: textsOf("release"),
});

/** When duties are due. */
export const calendarRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/calendar",
  component: lazyRouteComponent(() => import("./calendar-page.tsx"), "CalendarPage"),
  validateSearch: textsOf("month", "owner"),
  staticData: { navigation: { label: "Calendar", group: "prove", key: "n", order: 44 } },
});

/** Who does what, and what does a part of it by itself. */
export const matrixRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/matrix",
  component: lazyRouteComponent(() => import("./matrix-page.tsx"), "MatrixPage"),
  staticData: { navigation: { label: "Responsibilities", group: "prove", key: "x", order: 45 } },
});
