// The pages of the dashboard with addresses that lead somewhere in a project that is there: what axe looks at, and what is
// photographed. A page that is added to the dashboard is added here.

/**
 * @typedef {object} Page
 * @property {string} name Of the picture's file.
 * @property {string} path
 * @property {string} [last] What of it comes after the rest, by a selector.
 */

/** Parts that pages load after all else. @type {Readonly<Record<string, string>>} */
const lastOf = { welcome: ".tour", deployment: ".rollout-numbers", "run-log": ".log-line" };

/**
 * Every page. Throws, and names them, when there is nothing that some of them could show, so that none is passed over
 * unnoticed.
 *
 * @param {import("@fairway/api").Client} client
 * @param {{ readonly leaveOut?: (missing: readonly string[]) => void }} [wishes] `leaveOut` hears of those instead
 * @returns {Promise<readonly Page[]>}
 */
export async function dashboardPages(client, { leaveOut = refuse } = {}) {
  const runs = await client.call("runs", { limit: 200 });
  const idOf = (/** @type {(run: typeof runs[number]) => boolean} */ fits) => runs.find(fits)?.id;
  const good = idOf(({ kind, state }) => kind === "deployment" && state === "succeeded");
  const bad = idOf(({ kind, state }) => kind === "deployment" && state === "failed");
  const made = idOf(({ kind }) => kind === "release");
  const written = await jobWithLog(client, runs);
  const [release] = await client.call("releases", { limit: 1 });
  const asks = (await client.call("waiting", {})).find(({ kind }) => kind !== "attention")?.run;
  const [check] = await client.call("checkResults", { limit: 1 });
  const [duty] = (await client.call("duties", {})).duties;
  const [incident] = await client.call("incidents", { limit: 1 });
  /** @type {readonly (readonly [name: string, path: string, of?: string | number | undefined, job?: string | undefined])[]} */
  const all = [
    ["home", ""],
    ["welcome", "?tour=1"],
    ["deployments", "deployments"],
    ["deployment", "deployments/$", good],
    ["deployment-that-failed", "deployments/$", bad],
    ["approval", "approvals/$", asks],
    ["approval-answered", "approvals/$", bad],
    ["runs", "runs"],
    ["checks", "checks"],
    ["check", "checks/$", check?.id],
    ["run", "runs/$", made],
    ["releases", "releases"],
    ["run-log", "runs/$", written?.run, written?.job],
    ["release", "releases/$", release?.id],
    ["previews", "previews"],
    ["flags", "flags"],
    ["triggers", "triggers"],
    ["infrastructure", "infrastructure"],
    ["migrations", "migrations"],
    ["schedules", "schedules"],
    ["locks", "locks"],
    ["dora", "dora"],
    ["readiness", "readiness"],
    ["duties", "duties"],
    ["duty", "duties/$", duty?.id],
    ["calendar", "calendar"],
    ["matrix", "matrix"],
    ["backups", "backups"],
    ["credentials", "credentials"],
    ["playbooks", "playbooks"],
    ["education", "education"],
    ["incidents", "incidents"],
    ["incident", "incidents/$", incident?.number],
    ["audit", "audit"],
    ["settings-people", "settings/people"],
    ["settings-tokens", "settings/tokens"],
    ["settings-secrets", "settings/secrets"],
    ["settings-notices", "settings/notices"],
    ["settings-account", "settings/account"],
    ["nothing-here", "there-is-no-such-page"],
  ];
  const missing = all.filter(([, path, of]) => path.endsWith("$") && of === undefined).map(([name]) => name);
  if (missing.length > 0) leaveOut(missing);
  return all
    .filter(([name]) => !missing.includes(name))
    .map(([name, path, of = "", job]) => ({
      name,
      ...(lastOf[name] === undefined ? {} : { last: lastOf[name] }),
      path: path.replace("$", encodeURIComponent(of)) + (job === undefined ? "" : `?job=${encodeURIComponent(job)}`),
    }));
}

/**
 * A check that has written something; undefined when there is none.
 *
 * @param {import("@fairway/api").Client} client
 * @param {readonly { readonly id: string, readonly kind: string }[]} runs
 */
async function jobWithLog(client, runs) {
  for (const { id, kind } of runs) {
    if (kind !== "release") continue;
    const { jobs } = await client.call("run", { run: id });
    const job = jobs.find(({ stage, steps }) => stage === "check" && steps.length > 0);
    if (job !== undefined) return { run: id, job: job.name };
  }
  return undefined;
}

/** @param {readonly string[]} missing */
function refuse(missing) {
  throw new Error(`the project has nothing to show on ${missing.join(", ")}`);
}
