import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** What people learn from, and what they are told. */
export const educationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/education",
  component: lazyRouteComponent(() => import("./education-page.tsx"), "EducationPage"),
  staticData: { navigation: { label: "Knowledge", group: "prove", key: "z", order: 51 } },
});
