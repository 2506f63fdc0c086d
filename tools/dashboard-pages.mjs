// The pages of the dashboard with addresses that lead somewhere in a project that is there: what axe looks at, and what is
// photographed. A page that is added to the dashboard is added here.

/**
 * @typedef {object} Page
 * @property {string} name Of the picture's file.
 * @property {string} path
 */

/**
 * @param {import("@fairway/api").Client} client
 * @returns {Promise<readonly Page[]>}
 */
export async function dashboardPages(client) {
  const runs = await client.call("runs", { limit: 200 });
  const idOf = (/** @type {(run: typeof runs[number]) => boolean} */ fits) => runs.find(fits)?.id;
  const good = idOf(({ kind, state }) => kind === "deployment" && state === "succeeded");
  const bad = idOf(({ kind, state }) => kind === "deployment" && state === "failed");
  const made = idOf(({ kind }) => kind === "release");
  const [release] = await client.call("releases", { limit: 1 });
  return [
    { name: "home", path: "" },
    { name: "deployments", path: "deployments" },
    ...(good === undefined ? [] : [{ name: "deployment", path: `deployments/${good}` }]),
    ...(bad === undefined ? [] : [{ name: "deployment-that-failed", path: `deployments/${bad}` }]),
    { name: "runs", path: "runs" },
    ...(made === undefined ? [] : [{ name: "run", path: `runs/${made}` }]),
    { name: "releases", path: "releases" },
    ...(release === undefined ? [] : [{ name: "release", path: `releases/${release.id}` }]),
    { name: "previews", path: "previews" },
    { name: "flags", path: "flags" },
    { name: "triggers", path: "triggers" },
    { name: "infrastructure", path: "infrastructure" },
    { name: "migrations", path: "migrations" },
    { name: "secrets", path: "secrets" },
    { name: "notices", path: "notices" },
    { name: "people", path: "people" },
    { name: "dora", path: "dora" },
    { name: "audit", path: "audit" },
    { name: "nothing-here", path: "there-is-no-such-page" },
  ];
}
