import { Problem } from "./problem.mjs";

const compile = (path) => new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`);

/**
 * Finds the handler for a method and path. Routes are `{ method, path, handle }`, where `:name` in the path takes one
 * segment; HEAD is answered by the GET route.
 */
export function createRouter(routes) {
  const table = routes.map((route) => ({ ...route, pattern: compile(route.path) }));

  return function find(method, pathname) {
    const here = table.flatMap((route) => {
      const match = route.pattern.exec(pathname);
      return match ? [{ route, match }] : [];
    });
    if (here.length === 0) throw new Problem(404, "not_found", `There is nothing at ${pathname}.`);
    const wanted = method === "HEAD" ? "GET" : method;
    const found = here.find(({ route }) => route.method === wanted);
    if (!found) {
      const allow = [
        ...new Set(here.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method]))),
      ].join(", ");
      throw new Problem(405, "method_not_allowed", `${pathname} takes ${allow}.`, { allow });
    }
    try {
      const params = Object.entries(found.match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
      return { handle: found.route.handle, params: Object.fromEntries(params) };
    } catch {
      throw new Problem(400, "bad_path", "The path has a broken percent escape.");
    }
  };
}
