import { rootRoute } from "./root-route.tsx";
import { homeRoute } from "./pages/home/home-route.ts";

/** Every page: one line each, and one import. */
export const routeTree = rootRoute.addChildren([homeRoute]);
