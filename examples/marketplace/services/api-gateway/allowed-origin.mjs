/**
 * Lets the page of another origin call this api. Needed only where the frontend is served from a host of its own;
 * behind one host, page and api share their origin and this adds nothing.
 */
export function allowOrigin(routes, origin) {
  if (!origin) return routes;
  const headers = { "access-control-allow-origin": origin, vary: "origin" };
  const answered = routes.map((route) => ({
    ...route,
    handle: async (call) => {
      const answer = await route.handle(call);
      return { ...answer, headers: { ...answer.headers, ...headers } };
    },
  }));
  const preflights = [...new Set(routes.map(({ path }) => path))].map((path) => ({
    method: "OPTIONS",
    path,
    handle: () => ({
      status: 204,
      headers: {
        ...headers,
        "access-control-allow-methods": "GET, HEAD, POST",
        "access-control-allow-headers": "content-type, idempotency-key, x-visitor",
        "access-control-max-age": "600",
      },
    }),
  }));
  return [...answered, ...preflights];
}
