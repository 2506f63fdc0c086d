/** What is for sale, as the catalog tells it. */
export const listingRoutes = ({ catalog }) => [
  {
    method: "GET",
    path: "/api/listings",
    handle: () => catalog.call("GET", "/listings"),
  },
];
