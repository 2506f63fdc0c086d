import type { TaskDefinition } from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import { derivedFrom } from "./task-definition.ts";

test("what becomes a secret is a variable no more, for ECS refuses a name that is both", () => {
  const environment = [
    { name: "DATABASE_URL", value: "x" },
    { name: "KEPT", value: "1" },
  ];
  const base: TaskDefinition = { family: "shop", containerDefinitions: [{ name: "web", image: "old", environment }] };
  const change = {
    ...{ image: "new", env: { GIT_SHA: "abc" }, references: { DATABASE_URL: "arn:of-it" } },
    ...{ family: null, container: null, marks: { release: "r2", rollout: "run-2", replaces: null } },
  };
  const { containerDefinitions } = derivedFrom(base, [], change, "web");
  expect(containerDefinitions?.[0]?.environment?.map(({ name }) => name)).toEqual(["KEPT", "GIT_SHA"]);
  expect(containerDefinitions?.[0]?.secrets).toEqual([{ name: "DATABASE_URL", valueFrom: "arn:of-it" }]);
});
