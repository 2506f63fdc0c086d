import { auditRoute } from "./pages/audit/audit-route.ts";
import { deploymentRoute, deploymentsRoute } from "./pages/deployment/deployment-route.ts";
import { doraRoute } from "./pages/dora/dora-route.ts";
import { homeRoute } from "./pages/home/home-route.ts";
import { runRoute, runsRoute } from "./pages/run/run-route.ts";
import { flagsRoute } from "./pages/flag/flag-route.ts";
import { previewsRoute } from "./pages/preview/preview-route.ts";
import { releaseRoute, releasesRoute } from "./pages/release/release-route.ts";
import { rootRoute } from "./root-route.tsx";

/** Every page: one line each, and one import. */
export const routeTree = rootRoute.addChildren([
  homeRoute,
  deploymentsRoute,
  deploymentRoute,
  runsRoute,
  runRoute,
  releasesRoute,
  releaseRoute,
  previewsRoute,
  flagsRoute,
  doraRoute,
  auditRoute,
]);
