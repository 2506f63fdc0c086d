import { expect, test } from "vitest";
import type { DeploymentPlan } from "../deployment/plan.ts";
import { whatVoids } from "./what-voids.ts";

const plan = { environment: "production", release: "r42", from: "r41" } as unknown as DeploymentPlan;

test("an approval of a deployment is void once what it would do is something else", () => {
  expect(whatVoids({ kind: "deployment", plan }, { expires: 5_400_000 })).toEqual([
    "a no, by anybody who may approve",
    "time: a yes counts for 1.5 h",
    "another release in production than r41 when it begins: by a deployment or a rollback before it",
    "r42 in quarantine, or artifacts of it that are not what was signed",
  ]);
  const more = { ...plan, migrations: [{}], secrets: [{}] } as unknown as DeploymentPlan;
  expect(whatVoids({ kind: "deployment", plan: more }, {}).slice(-2)).toEqual([
    "databases that have other migrations by then",
    "another version of a secret that it starts services with",
  ]);
});

test("an answer to a step is void at another step, and one to a plan for another plan", () => {
  expect(whatVoids({ kind: "step", service: "api", weight: 10 }, {}).at(-1)).toContain("than 10 % for api");
  expect(whatVoids({ kind: "infrastructure" }, { expires: 600_000 })).toHaveLength(3);
});
