import { createFlags } from "../../shared/flags.mjs";

import { allowOrigin } from "./allowed-origin.mjs";
import { appraisalRoutes } from "./appraisals.mjs";
import { flagRoutes, withDeliveryDates } from "./delivery.mjs";
import { listingRoutes } from "./listings.mjs";
import { orderRoutes } from "./orders.mjs";

/** Everything the public may ask, over the services that know the answers. */
export function gatewayRoutes({ facts, catalog, inference, flags = createFlags(), origin }) {
  const version = {
    method: "GET",
    path: "/api/version",
    handle: () => ({ body: facts }),
  };
  return allowOrigin(
    [
      version,
      ...withDeliveryDates(listingRoutes({ catalog }), { flags }),
      ...orderRoutes({ catalog }),
      ...appraisalRoutes({ inference }),
      ...flagRoutes({ flags }),
    ],
    origin,
  );
}
