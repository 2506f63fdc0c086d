import { expect, test } from "vitest";
import { inGroups, kindOf } from "./duty-groups.ts";

test("duties stand in the parts of the board by their kind, parts in their order, and none is lost", () => {
  const all = ["incident:no-open-sev1", "weather/rain", "drill/database", "credential/stripe@production:rotate"];
  const groups = inGroups(all, (duty) => duty);
  expect(groups.map(({ name }) => name)).toEqual(["Keys", "Backups and drills", "Incidents", "Others"]);
  expect(groups.flatMap(({ rows }) => rows).toSorted()).toEqual(all.toSorted());
});

test("a kind is what stands before the first sign that parts a name", () => {
  expect([kindOf("credential/stripe@production:rotate"), kindOf("notice:release"), kindOf("alone")]).toEqual([
    "credential",
    "notice",
    "alone",
  ]);
});
