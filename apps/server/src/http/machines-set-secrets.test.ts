import type { Permission } from "@fairway/core";
import { roles } from "@fairway/core";
import type { ApiToken } from "@fairway/engine";
import { beforeAll, expect, test } from "vitest";
import type { Caller } from "../people/callers.ts";
import type { AppUnderTest } from "./testing/app-under-test.ts";
import { appUnderTest, callerFor } from "./testing/app-under-test.ts";

let under: AppUnderTest;
beforeAll(() => void (under = appUnderTest()));

const all = [{ role: "admin", project: null, environment: null }] as const;

function token(
  kind: ApiToken["kind"],
  permissions: readonly Permission[],
  environments: readonly string[] | null,
): Caller {
  const limits = { permissions, projects: null, environments };
  const caller = callerFor({ grants: all, by: "token", limits });
  return { ...caller, token: { kind, role: kind === "service" ? "admin" : null, permissions } as ApiToken };
}

const ask = async (caller: Caller, url: string, payload: object): Promise<string> => {
  under.known.set("it", caller);
  const headers = { host: "localhost", authorization: "Bearer it", "x-fairway-request": "1" };
  const answer = await under.app.inject({ method: "POST", url, headers, payload });
  return answer.statusCode === 200 ? "done" : answer.json<{ code: string }>().code;
};
const set = (caller: Caller, environment: string | null = "staging"): Promise<string> =>
  ask(caller, "/api/v1/secrets/TOKEN", { environment, value: "a value of it", by: "ci" });

test("a service token that was made for secrets sets them where it may", async () => {
  const made = token("service", ["secrets"], ["staging"]);
  expect(await set(made)).toBe("done");
  expect(await ask(made, "/api/v1/secret-imports", { environment: "staging", values: {}, by: "ci" })).toBe("done");
  expect([await set(made, "production"), await set(made, null)]).toEqual(["denied", "denied"]);
});

test.each<[string, Caller]>([
  ["a personal one", token("personal", ["secrets"], ["staging"])],
  ["one that may whatever an administrator may", token("service", roles.admin, null)],
])("%s needs a person's proof, which it cannot give", async (_, caller) => {
  expect(await set(caller)).toBe("step_up_required");
});

test("nothing else that needs a proof is done by a token that was made for it", async () => {
  const made = token("service", ["secrets"], null);
  for (const [url, body] of [
    ["/api/v1/key-rotations", { by: "ci" }],
    ["/api/v1/secrets/TOKEN/rollback", { environment: "staging", version: 1, by: "ci" }],
  ] as const)
    expect([url, await ask(made, url, body)]).toEqual([url, "step_up_required"]);
});
