import { deploymentRoute, deploymentsRoute } from "./pages/deployment/deployment-route.ts";
import { homeRoute } from "./pages/home/home-route.ts";
import { runRoute, runsRoute } from "./pages/run/run-route.ts";
import { rootRoute } from "./root-route.tsx";

/** Every page: one line each, and one import. */
export const routeTree = rootRoute.addChildren([homeRoute, deploymentsRoute, deploymentRoute, runsRoute, runRoute]);
