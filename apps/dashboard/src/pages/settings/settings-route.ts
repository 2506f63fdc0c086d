import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { rootRoute } from "../../root-route.tsx";

/** Everything that is set up once and seldom: people, tokens, secrets, notices, one's own account. */
const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings-frame.tsx"), "SettingsFrame"),
  staticData: { navigation: { label: "Settings", group: "operate", key: "s", order: 70 } },
});

const settingsIndexRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/",
  beforeLoad: () => redirect({ to: "/settings/people", replace: true, throw: true }),
});

/** Who may do what. */
const peopleRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "people",
  component: lazyRouteComponent(() => import("./people/people-page.tsx"), "PeoplePage"),
});

/** What may act without a person. */
const tokensRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "tokens",
  component: lazyRouteComponent(() => import("./token/tokens-page.tsx"), "TokensPage"),
});

/** Secrets by name; a value is written here and never read. */
const secretsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "secrets",
  component: lazyRouteComponent(() => import("./secret/secrets-page.tsx"), "SecretsPage"),
});

/** What people were told, and whether it arrived. */
const noticesRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "notices",
  component: lazyRouteComponent(() => import("./notice/notices-page.tsx"), "NoticesPage"),
});

/** One's own sessions and password. */
const accountRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "account",
  component: lazyRouteComponent(() => import("./account/account-page.tsx"), "AccountPage"),
});

/** The settings with all their parts. */
export const settingsRoutes = settingsRoute.addChildren([
  settingsIndexRoute,
  peopleRoute,
  tokensRoute,
  secretsRoute,
  noticesRoute,
  accountRoute,
]);
