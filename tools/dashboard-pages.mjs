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
  const asks = (await client.call("waiting", {})).find(({ kind }) => kind !== "attention")?.run;
  const [check] = await client.call("checkResults", { limit: 1 });
  const [duty] = (await client.call("duties", {})).duties;
  const [incident] = await client.call("incidents", { limit: 1 });
  return [
    { name: "home", path: "" },
    { name: "welcome", path: "?tour=1" },
    { name: "deployments", path: "deployments" },
    ...(good === undefined ? [] : [{ name: "deployment", path: `deployments/${good}` }]),
    ...(bad === undefined ? [] : [{ name: "deployment-that-failed", path: `deployments/${bad}` }]),
    ...(asks === undefined ? [] : [{ name: "approval", path: `approvals/${asks}` }]),
    ...(bad === undefined ? [] : [{ name: "approval-answered", path: `approvals/${bad}` }]),
    { name: "runs", path: "runs" },
    { name: "checks", path: "checks" },
    ...(check === undefined ? [] : [{ name: "check", path: `checks/${check.id}` }]),
    ...(made === undefined ? [] : [{ name: "run", path: `runs/${made}` }]),
    { name: "releases", path: "releases" },
    ...(release === undefined ? [] : [{ name: "release", path: `releases/${release.id}` }]),
    { name: "previews", path: "previews" },
    { name: "flags", path: "flags" },
    { name: "triggers", path: "triggers" },
    { name: "infrastructure", path: "infrastructure" },
    { name: "migrations", path: "migrations" },
    { name: "schedules", path: "schedules" },
    { name: "locks", path: "locks" },
    { name: "dora", path: "dora" },
    { name: "readiness", path: "readiness" },
    { name: "duties", path: "duties" },
    ...(duty === undefined ? [] : [{ name: "duty", path: `duties/${encodeURIComponent(duty.id)}` }]),
    { name: "calendar", path: "calendar" },
    { name: "matrix", path: "matrix" },
    { name: "backups", path: "backups" },
    { name: "credentials", path: "credentials" },
    { name: "playbooks", path: "playbooks" },
    { name: "education", path: "education" },
    { name: "incidents", path: "incidents" },
    ...(incident === undefined ? [] : [{ name: "incident", path: `incidents/${incident.number}` }]),
    { name: "audit", path: "audit" },
    { name: "settings-people", path: "settings/people" },
    { name: "settings-tokens", path: "settings/tokens" },
    { name: "settings-secrets", path: "settings/secrets" },
    { name: "settings-notices", path: "settings/notices" },
    { name: "settings-account", path: "settings/account" },
    { name: "nothing-here", path: "there-is-no-such-page" },
  ];
}
