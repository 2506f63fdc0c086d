import { expect, test } from "vitest";
import { actorLabel, localActor, systemActor } from "./actor.ts";

test("people and Fairway itself are called by their names", () => {
  expect([localActor("dana"), systemActor].map(actorLabel)).toEqual(["dana", "fairway"]);
});

test("a token is told from people, and names who answers for it", () => {
  const token = { kind: "token", id: "t1", name: "ci" } as const;
  expect(actorLabel(token)).toBe("ci (token)");
  expect(actorLabel({ ...token, owner: { id: "u1", name: "dana" } })).toBe("ci (token of dana)");
});
