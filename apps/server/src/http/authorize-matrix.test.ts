import type { OperationName, Route } from "@fairway/api";
import { contract, requestHeader } from "@fairway/api";
import type { Grant, Permission, Role, TokenLimits } from "@fairway/core";
import { codeOf, permissionNames, roleNames } from "@fairway/core";
import { afterAll, describe, expect, test } from "vitest";
import type { Asking } from "./testing/app-under-test.ts";
import { appUnderTest, callerFor } from "./testing/app-under-test.ts";
import { exampleInput } from "./testing/example-input.ts";

/** Written out once more, by hand: a change in what a role may do has to be meant twice. */
const mayDo: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ["read"],
  deployer: ["read", "change"],
  approver: ["read", "approve"],
  admin: ["read", "change", "approve", "operate", "work", "secrets", "people", "audit"],
};

const everywhere = { project: null, environment: null };
const places: Readonly<Record<string, Omit<Grant, "role">>> = {
  everywhere,
  "in this project": { project: "shop", environment: null },
  "in another project": { project: "mill", environment: null },
  "in staging": { project: null, environment: "staging" },
  "in production": { project: "shop", environment: "production" },
};

const all: TokenLimits = { permissions: permissionNames, projects: null, environments: null };
const credentials: Readonly<Record<string, Omit<Asking, "grants">>> = {
  "a session": {},
  "a session that was proven an hour ago": { provenAgo: 3_600_000 },
  "a cookie": { by: "cookie" },
  "a token for everything": { by: "token", limits: all },
  "a token for looking": { by: "token", limits: { ...all, permissions: ["read"] } },
  "a token for staging": { by: "token", limits: { ...all, environments: ["staging"] } },
  "a token for production": { by: "token", limits: { ...all, environments: ["production"] } },
  "a token for another project": { by: "token", limits: { ...all, projects: ["mill"] } },
  "a token for nothing": { by: "token", limits: { permissions: [], projects: [], environments: [] } },
};

const namedOnly = (name: string | null | undefined): readonly string[] | null =>
  name === null || name === undefined ? null : [name];

/** What must come of it, from the words of the route alone: nothing of this asks the code that decides. */
function wanted(route: Route, input: Readonly<Record<string, unknown>>, asking: Asking, role: Role | null): string {
  const { access } = route;
  if (access === "open") return "in";
  if (access !== "self") {
    if (role === null || !mayDo[role].includes(access)) return "denied";
    if (asking.limits && !asking.limits.permissions.includes(access)) return "denied";
    const project = "project" in input || "projects" in input ? "every" : "shop";
    const [grant] = asking.grants;
    const environment = input["environment"] ?? (input["run"] === "run-1" || input["plan"] === 1 ? "staging" : null);
    for (const projects of [namedOnly(grant?.project), asking.limits?.projects ?? null])
      if (projects !== null && !projects.includes(project)) return "denied";
    for (const named of [namedOnly(grant?.environment), asking.limits?.environments ?? null]) {
      if (named === null) continue;
      const reaches =
        environment === null ? route.anywhere === true && named.length > 0 : named.includes(environment as string);
      if (!reaches) return "denied";
    }
  }
  const isProven = asking.by !== "token" && (asking.provenAgo ?? 0) <= 15 * 60_000;
  return route.stepUp === true && !isProven ? "step_up_required" : "in";
}

const routes = Object.entries(contract) as [OperationName, Route][];
const under = appUnderTest();
afterAll(() => under.app.close());

/** Every role in every place, and nobody's. */
const grantsToTry: readonly (readonly [Role | null, string, readonly Grant[]])[] = [
  [null, "nowhere", []],
  ...roleNames.flatMap((role) =>
    Object.entries(places).map(([place, where]) => [role, place, [{ role, ...where }]] as const),
  ),
];

describe.each(routes)("%s", (name, route) => {
  const { params, query, body } = exampleInput(route);
  const defaults = (schema: Route["params"], value: object): object => schema.parse(value);
  const input: Record<string, unknown> = {
    ...defaults(route.params, params),
    ...defaults(route.query, query),
    ...(route.body === null ? {} : defaults(route.body, body)),
  };

  test(`lets in whom it should and nobody else: ${grantsToTry.length * Object.keys(credentials).length} of each`, async () => {
    const wrong: unknown[] = [];
    for (const [role, place, grants] of grantsToTry)
      for (const [credential, rest] of Object.entries(credentials)) {
        const asking = { grants, ...rest };
        const caller = callerFor(asking);
        const found = await under.door
          .admitAtAll(route, caller, name)
          .then(() => under.door.admit(route, caller, name, input))
          .then(
            () => "in",
            (thrown: unknown) => codeOf(thrown) ?? String(thrown),
          );
        const should = wanted(route, input, asking, role);
        if (found !== should) wrong.push({ role, place, credential, found, should });
      }
    expect(wrong).toEqual([]);
  });

  test("is reached over HTTP by an administrator, and by nobody without a role, a login or a good token", async () => {
    under.known.set("admin", callerFor({ grants: [{ role: "admin", ...everywhere }] }));
    under.known.set("nobody", callerFor({ grants: [] }));
    under.reached();
    const url = route.path.replace(/:([a-z]+)/gi, (_match, key: string) => encodeURIComponent(params[key] ?? ""));
    const ask = async (authorization: string | null): Promise<readonly [number, number]> => {
      const { statusCode } = await under.app.inject({
        method: route.method,
        url,
        query,
        headers: {
          host: "localhost",
          [requestHeader]: "1",
          ...(authorization === null ? {} : { authorization }),
        },
        ...(route.method === "POST" ? { payload: body } : {}),
      });
      return [statusCode, under.reached().length];
    };
    const isOpen = route.access === "open";
    expect(await ask("Bearer admin")).toEqual([200, 1]);
    expect(await ask("Bearer nobody")).toEqual(isOpen || route.access === "self" ? [200, 1] : [403, 0]);
    expect(await ask(null)).toEqual(isOpen ? [200, 1] : [401, 0]);
    expect(await ask("Bearer somebody")).toEqual(isOpen ? [200, 1] : [401, 0]);
    expect(await ask("Basic YWRtaW46YWRtaW4=")).toEqual(isOpen ? [200, 1] : [401, 0]);
  });
});

test("what names two environments needs both, however they are named", async () => {
  const staging = callerFor({ grants: [{ role: "admin", project: null, environment: "staging" }] });
  const admitted = (input: Record<string, unknown>, access: Permission = "read"): Promise<string> =>
    under.door.admit({ access }, staging, "logs", input).then(
      () => "in",
      (thrown: unknown) => codeOf(thrown) ?? String(thrown),
    );
  expect(await admitted({ environment: "staging", run: "run-1" })).toBe("in");
  expect(await admitted({ environment: "staging", run: "run-2" })).toBe("denied");
  expect(await admitted({ environment: "production", run: "run-1" })).toBe("denied");
  expect(await admitted({ environments: ["staging", "production"] })).toBe("denied");
  expect(await admitted({ project: "mill", environment: "staging" })).toBe("in");
  expect(await admitted({ run: "run-99" })).toBe("denied");
  expect([await admitted({ plan: 1 }), await admitted({ plan: 2 }), await admitted({ plan: 9 })]).toEqual([
    "in",
    "denied",
    "denied",
  ]);
  expect(await admitted({ environment: "staging", plan: 2 })).toBe("denied");
  expect(await admitted({ run: "run-3" })).toBe("in");
  expect(await admitted({ run: "run-3" }, "approve")).toBe("denied");
});

test("every refusal of somebody who is known is on record, with what they asked for", async () => {
  const before = under.denials.length;
  const viewer = callerFor({ grants: [{ role: "viewer", ...everywhere }] });
  await expect(
    under.door.admit({ access: "change" }, viewer, "deploy", { environment: "production" }),
  ).rejects.toMatchObject({
    code: "denied",
  });
  expect(under.denials.slice(before)).toMatchObject([
    {
      actor: { name: "dana" },
      operation: "deploy",
      environment: "production",
      reason: "dana may not change anything in production",
    },
  ]);
});
