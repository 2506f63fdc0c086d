import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { pageStates } from "./dashboard-states.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");

/** The address of every page, as the routes say. */
const addresses: readonly string[] = readdirSync(`${root}apps/dashboard/src/pages`, {
  recursive: true,
  encoding: "utf8",
})
  .filter((file) => file.endsWith("-route.ts"))
  .flatMap((file) => [...read(`apps/dashboard/src/pages/${file}`).matchAll(/\bpath: "([^"]+)"/g)])
  .map((found) => found[1] ?? "")
  .map((path) => (path.startsWith("/") ? path : `/settings/${path}`));
const pages = [...new Set(addresses)];

test("every page of the dashboard has its row in the how-to", () => {
  const rows = read("docs/how-to/use-the-dashboard.md");
  expect(pages.length).toBeGreaterThan(15);
  expect(pages.filter((path) => !rows.includes(`| \`${path}\` |`))).toEqual([]);
});

test("of every page of the dashboard it is told what it shows in each state, and of no other", () => {
  const routes = pages.filter((path) => path !== "/settings");
  expect(pageStates.map(({ route }) => route).toSorted()).toEqual(routes.toSorted());
});

test("every page of the dashboard is looked at for faults of access, and photographed", () => {
  const list = read("tools/dashboard-pages.mjs");
  // "/settings" only leads on.
  const seen = pages.filter((path) => path !== "/settings");
  expect(seen.filter((path) => !list.includes(`${path.slice(1).replace(/\$\w+$/, "$")}`))).toEqual([]);
});
