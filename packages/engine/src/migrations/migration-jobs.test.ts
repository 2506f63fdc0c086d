import type { PlannedMigration } from "@fairway/core";
import { expect, test } from "vitest";
import { hasJobsFor, migrationJobs } from "./migration-jobs.ts";

const planned = (service: string, id: string, phase: PlannedMigration["phase"]): PlannedMigration => ({
  service,
  id,
  title: id,
  file: `db/${id}.sql`,
  checksum: `sha256:${id}`,
  class: phase === "before-rollout" ? "expand" : "contract",
  direction: "forward",
  phase,
  locks: [],
  reasons: [],
});
const expand = planned("api", "1", "before-rollout");
const contract = planned("api", "2", "after-rollout");
const other = planned("jobs", "1", "before-rollout");

test("each service has one job before the rollouts, and one after, where there is something to do", () => {
  const { before, after } = migrationJobs({ migrations: [expand, { ...expand, id: "0" }, contract, other] });
  expect(before.map(({ name }) => name)).toEqual(["migrate:api", "migrate:jobs"]);
  expect(after.map(({ name }) => name)).toEqual(["contract:api"]);
  expect(migrationJobs({})).toEqual({ before: [], after: [] });
});

test("less to do than was planned has its jobs; more, or something else, has not", () => {
  const plan = { migrations: [expand, contract] };
  expect(hasJobsFor(plan, { migrations: [contract] })).toBe(true);
  expect(hasJobsFor(plan, {})).toBe(true);
  expect(hasJobsFor(plan, { migrations: [expand, other] })).toBe(false);
  expect(hasJobsFor(plan, { migrations: [{ ...expand, checksum: "sha256:other" }] })).toBe(false);
  expect(hasJobsFor(plan, { migrations: [{ ...expand, direction: "back" }] })).toBe(false);
});
