import { readJsonBody } from "../../shared/json-body.mjs";

const day = 24 * 60 * 60 * 1000;

/** Of whom a flag's rule may ask; the page makes up a name for each visitor and keeps it. */
const visitorOf = ({ headers }) => {
  const visitor = headers["x-visitor"];
  return typeof visitor === "string" && /^[\w-]{1,64}$/.test(visitor) ? { targetingKey: visitor } : {};
};

/** Adds the day by which a thing is there to listings, for those to whom the flag `delivery-dates` gives it. */
export const withDeliveryDates = (routes, { flags, now = Date.now }) =>
  routes.map((route) =>
    route.path !== "/api/listings"
      ? route
      : {
          ...route,
          async handle(call) {
            const [answer, shown] = await Promise.all([
              route.handle(call),
              flags.value("delivery-dates", false, visitorOf(call.request)),
            ]);
            if (!shown || !Array.isArray(answer.body?.listings)) return answer;
            const listings = answer.body.listings.map((listing) => ({
              ...listing,
              deliverBy: new Date(now() + (listing.leadDays + 2) * day).toISOString().slice(0, 10),
            }));
            return { ...answer, body: { ...answer.body, listings } };
          },
        },
  );

/** What all flags give to a visitor, for the page: the key that reads flags stays here. */
export const flagRoutes = ({ flags }) => [
  {
    method: "POST",
    path: "/api/ofrep/v1/evaluate/flags",
    async handle({ request }) {
      const { context } = await readJsonBody(request);
      const known = context !== null && typeof context === "object" && !Array.isArray(context) ? context : {};
      return { body: { flags: await flags.values(known) } };
    },
  },
];
