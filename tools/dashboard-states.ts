// What every page of the dashboard shows while its answers come, in a project in which nothing has happened yet, and to
// somebody who may only look. The story `pages-say-where-they-stand` walks it; `dashboard-pages.test.ts` fails when a route has
// no row. A page that is added to the dashboard is added here.

export interface PageStates {
  /** As the router has it. */
  readonly route: string;
  /** Where it is in a project in which nothing has happened. */
  readonly path: string;
  /** Its heading before any answer has come. */
  readonly heading: string;
  /** Whether it asks for nothing that could be slow, be refused or be old. */
  readonly asksNothing?: true;
  /** What it says in a project in which nothing has happened: that nothing is there, and what would put something there. */
  readonly empty: readonly string[];
  /** Whether its address leads to nothing there, so that it says so as a problem. */
  readonly isOfOne?: true;
  /** Whether it is not shown to somebody who may only look: it says so, and who may. */
  readonly refusesViewers?: true;
  /** What somebody who may only look may press there all the same, but what may be pressed by everybody everywhere. */
  readonly viewersPress?: readonly string[];
}

const noEnvironment = ["The project has no environment yet", "fairway init"];

const lists: readonly PageStates[] = [
  { route: "/", path: "", heading: "Environments", empty: [...noEnvironment, "Nothing has ended yet"] },
  {
    ...{ route: "/deployments", path: "deployments", heading: "Deployments" },
    empty: ["Nothing was deployed yet", "goes by itself to the environments that deploy automatically"],
  },
  {
    ...{ route: "/releases", path: "releases", heading: "Releases" },
    empty: ["There is no release yet", "A commit becomes one by fairway release"],
  },
  {
    ...{ route: "/previews", path: "previews", heading: "Previews" },
    empty: ["There is no preview", "One opens with a pull request"],
  },
  { route: "/flags", path: "flags", heading: "Feature flags", empty: noEnvironment },
  { route: "/runs", path: "runs", heading: "Runs", empty: ["Nothing has run yet"] },
  {
    ...{ route: "/checks", path: "checks", heading: "Checks of what runs" },
    empty: ["No journey is made again and again", "Nothing was asked of what runs yet", "A checks part"],
  },
  {
    ...{ route: "/triggers", path: "triggers", heading: "Triggers" },
    empty: ["Nothing starts by itself", "A triggers part", "Nothing has fired yet"],
  },
  {
    ...{ route: "/schedules", path: "schedules", heading: "Schedules" },
    empty: ["Nothing comes due by the clock", "A trigger with a schedule"],
  },
  {
    ...{ route: "/incidents", path: "incidents", heading: "Incidents" },
    empty: ["No incident is open", "Whoever sees that something goes wrong", "No incident is over"],
  },
  { route: "/dora", path: "dora", heading: "DORA's five figures", empty: noEnvironment },
  { route: "/readiness", path: "readiness", heading: "Readiness", empty: noEnvironment },
  {
    ...{ route: "/duties", path: "duties", heading: "Duties" },
    empty: ["No duties hold yet", "What people owe stands in ops/", "fairway duties read"],
  },
  {
    ...{ route: "/calendar", path: "calendar?month=2099-01", heading: "What is due in January 2099" },
    empty: ["Nothing is due in January 2099", "Duties with an every"],
  },
  {
    ...{ route: "/matrix", path: "matrix", heading: "Who is responsible for what" },
    empty: ["No duty names a task", "A duty in ops/ with a task"],
  },
  {
    // What Fairway keeps about itself is backed up in every project.
    ...{ route: "/backups", path: "backups", heading: "Backups and drills" },
    empty: ["fairway has no backup yet", "No drill has restored a backup yet", "A drill restores one apart"],
  },
  {
    ...{ route: "/credentials", path: "credentials", heading: "Credentials" },
    empty: ["No key is in the inventory", "ops/credentials.yaml", "Nobody's access was reviewed yet"],
  },
  {
    ...{ route: "/playbooks", path: "playbooks", heading: "Playbooks" },
    empty: ["There is no playbook", "They stand in ops/playbooks/"],
  },
  {
    ...{ route: "/education", path: "education", heading: "Knowledge" },
    empty: [
      "Nothing is listed that users learn from",
      "ops/education.yaml",
      "There is no release yet",
      "ops/disclosures",
    ],
  },
  {
    ...{ route: "/locks", path: "locks", heading: "Locks" },
    empty: [...noEnvironment, "No freeze is to come", "freezes of an environment"],
  },
  {
    ...{ route: "/infrastructure", path: "infrastructure", heading: "Infrastructure" },
    empty: ["The project has no infrastructure as code", "An infrastructure part"],
  },
  { route: "/migrations", path: "migrations", heading: "Migrations", empty: noEnvironment },
  // That the daemon has started is on record.
  {
    ...{ route: "/audit", path: "audit", heading: "Audit", refusesViewers: true },
    empty: ["daemon.started", "audit.began"],
  },
  {
    ...{ route: "/settings/people", path: "settings/people", heading: "People", refusesViewers: true },
    empty: ["Nobody has a login yet"],
  },
  {
    ...{ route: "/settings/tokens", path: "settings/tokens", heading: "Tokens" },
    viewersPress: ["Make a token"],
    empty: ["There is no token", "A program that asks this daemon for something shows one"],
  },
  {
    ...{ route: "/settings/secrets", path: "settings/secrets", heading: "Secrets", refusesViewers: true },
    empty: ["There is no secret yet", "those that the configuration names"],
  },
  {
    ...{ route: "/settings/notices", path: "settings/notices", heading: "Notices" },
    empty: ["Nobody was told anything yet", "A notices part"],
  },
  {
    ...{ route: "/settings/account", path: "settings/account", heading: "Your account", asksNothing: true },
    viewersPress: ["Change the password", "Log out"],
    empty: ["Nobody logs in here", "With the first person that is added"],
  },
];

/** Each is about one thing, and its address names one that is not there. */
const ofOne: readonly PageStates[] = (
  [
    ["/deployments/$run", "run-1", "Deployment run-1", 'There is no run "run-1"', "fairway runs"],
    ["/approvals/$run", "run-1", "Approval of run-1", 'There is no run "run-1"', "fairway runs"],
    ["/runs/$run", "run-1", "Run run-1", 'There is no run "run-1"', "fairway runs"],
    ["/checks/$result", "1", "Check 1", "There is no result 1", "fairway checks"],
    ["/releases/$release", "r1", "Release r1", 'There is no release "r1"', "fairway releases"],
    ["/duties/$duty", "drill", "Duty drill", "There is no duty drill", "fairway duties"],
    ["/incidents/$incident", "1", "Incident 1", "There is no incident i1", "fairway incidents"],
  ] as const
).map(([route, one, heading, ...empty]) => ({
  ...{ route, path: route.slice(1).replace(/\$\w+$/u, one), heading },
  empty,
  isOfOne: true,
  ...(route === "/releases/$release" ? { viewersPress: ["Verify every byte now"] } : {}),
}));

/** Every page, whatever state it is in. */
export const pageStates: readonly PageStates[] = [...lists, ...ofOne];

/** What the page at an address shows; undefined at one that leads nowhere. */
export function statesAt(path: string): PageStates | undefined {
  const parts = path.split("?")[0]?.split("/") ?? [];
  return pageStates.find(({ route }) => {
    const places = route.slice(1).split("/");
    return places.length === parts.length && places.every((place, at) => place.startsWith("$") || place === parts[at]);
  });
}
