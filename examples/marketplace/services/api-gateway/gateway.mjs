import { allowOrigin } from "./allowed-origin.mjs";
import { appraisalRoutes } from "./appraisals.mjs";
import { listingRoutes } from "./listings.mjs";
import { orderRoutes } from "./orders.mjs";

/** Everything the public may ask, over the services that know the answers. */
export function gatewayRoutes({ facts, catalog, inference, origin }) {
  const version = {
    method: "GET",
    path: "/api/version",
    handle: () => ({ body: facts }),
  };
  return allowOrigin(
    [version, ...listingRoutes({ catalog }), ...orderRoutes({ catalog }), ...appraisalRoutes({ inference })],
    origin,
  );
}
