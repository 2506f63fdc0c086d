import { Problem } from "../../shared/problem.mjs";

import { shippingFrom } from "./shipping.mjs";

/** How many listings there are of each category, most first, then by name. */
function countsOf(listings) {
  const counts = new Map();
  for (const { category } of listings) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

/** What is for sale, as the catalog tells it; `?category=` narrows it. The counts are always those of everything. */
export const listingRoutes = ({ catalog }) => [
  {
    method: "GET",
    path: "/api/listings",
    async handle({ query }) {
      const answer = await catalog.call("GET", "/listings");
      if (answer.status !== 200) return answer;
      const listings = answer.body.listings.map((listing) => ({ ...listing, shipping: shippingFrom(listing.place) }));
      const categories = countsOf(listings);
      const wanted = query.get("category");
      if (wanted === null) return { body: { listings, categories } };
      if (!categories.some(({ name }) => name === wanted)) {
        throw new Problem(404, "no_such_category", `There is no category "${wanted}".`);
      }
      return { body: { listings: listings.filter(({ category }) => category === wanted), categories } };
    },
  },
];
