import type { Status } from "@fairway/api";
import { expect, test } from "vitest";
import { leftOutLines, nextSteps } from "./next-steps.ts";

const environment = (name: string, promotesFrom: string | null, deploys: string, urls: readonly string[]): unknown => ({
  name,
  promotesFrom,
  deploys,
  services: urls.map((url) => ({ urls: url === "" ? [] : [url, `${url}second`] })),
});
const status = (...environments: readonly unknown[]): Status => ({ environments }) as Status;

test("after a deployment a person is told where it answers and how it goes further", () => {
  const all = status(
    environment("staging", null, "automatically", ["http://web.staging.localhost:8080/", ""]),
    environment("production", "staging", "on-request", ["http://web.production.localhost:8080/"]),
    environment("mirror", "staging", "automatically", []),
  );
  expect(nextSteps(all, "staging")).toEqual([
    "staging answers at",
    "  http://web.staging.localhost:8080/",
    "→ take it further with: fairway promote production",
  ]);
  expect(nextSteps(all, "mirror")).toEqual([]);
  const many = status(environment("big", null, "automatically", ["a", "b", "c", "d", "e", "f"]));
  expect(nextSteps(many, "big").at(-1)).toBe("  … 2 more: fairway status");
});

test("a service that is not in a release is told, with the reason", () => {
  const leftOut = [{ service: "api", reason: "poetry not found on this machine" }];
  expect(leftOutLines({ id: "r1", leftOut }).map((line) => line.replace(/^\S+ /, ""))).toEqual([
    "r1 is without api: poetry not found on this machine",
  ]);
});
