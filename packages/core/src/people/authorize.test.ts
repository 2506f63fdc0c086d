import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Principal, Scope, TokenLimits } from "./authorize.ts";
import { authorize } from "./authorize.ts";
import type { Grant, Permission, Role } from "./permission.ts";
import { permissionNames, roleNames, roles, whoMay } from "./permission.ts";

const environments = ["staging", "production", "Production", "", "*"];
const projects = ["shop", "mill"];
const grant = fc.record<Grant>({
  role: fc.constantFrom(...roleNames),
  project: fc.constantFrom(null, ...projects),
  environment: fc.constantFrom(null, ...environments),
});
const limits = fc.record<TokenLimits>({
  permissions: fc.subarray([...permissionNames]),
  projects: fc.option(fc.subarray(projects)),
  environments: fc.option(fc.subarray(environments)),
});
const scope = fc.record<Scope>({
  project: fc.constantFrom(...projects),
  environment: fc.constantFrom(null, ...environments),
  anywhere: fc.boolean(),
});
const permission = fc.constantFrom(...permissionNames);
const who = (grants: readonly Grant[], limited: TokenLimits | null = null): Principal => ({
  kind: limited === null ? "person" : "token",
  id: "u1",
  name: "dana",
  grants,
  limits: limited,
});
const may = (principal: Principal, asked: Permission, where: Scope): boolean =>
  authorize(principal, asked, where).possible;

test("nobody without a role may do anything", () => {
  fc.assert(fc.property(permission, scope, (asked, where) => !may(who([]), asked, where)));
});

test("a role for all of everything allows exactly what the role holds", () => {
  for (const role of roleNames)
    for (const asked of permissionNames)
      expect([role, asked, may(who([{ role, project: null, environment: null }]), asked, inProduction)]).toEqual([
        role,
        asked,
        roles[role].includes(asked),
      ]);
});

const inProduction: Scope = { project: "shop", environment: "production" };

test("a role more never takes anything away", () => {
  fc.assert(
    fc.property(fc.array(grant), grant, permission, scope, (had, more, asked, where) => {
      return !may(who(had), asked, where) || may(who([...had, more]), asked, where);
    }),
  );
});

test("a token never does what the one whose it is may not do, nor what it was not made for", () => {
  fc.assert(
    fc.property(fc.array(grant), limits, permission, scope, (had, limited, asked, where) => {
      if (!may(who(had, limited), asked, where)) return;
      expect(may(who(had), asked, where)).toBe(true);
      expect(limited.permissions).toContain(asked);
      expect(limited.projects ?? [where.project]).toContain(where.project);
      expect([...(limited.environments ?? [where.environment]), null]).toContain(where.environment);
    }),
  );
});

test("a role in one environment says nothing of another, of another project, or of the project as a whole", () => {
  fc.assert(
    fc.property(grant, permission, scope, (had, asked, where) => {
      if (had.environment === null || !may(who([had]), asked, where)) return;
      expect(had.project === null || had.project === where.project).toBe(true);
      expect(where.environment === had.environment || (where.environment === null && where.anywhere)).toBe(true);
    }),
  );
});

describe("what is refused", () => {
  test("says who may not do what, and where", () => {
    const viewer = who([{ role: "viewer", project: null, environment: null }]);
    expect(authorize(viewer, "approve", inProduction)).toEqual({
      possible: false,
      reason: "dana may not approve anything in production",
    });
    expect(authorize(viewer, "operate", { project: "shop", environment: null })).toMatchObject({
      reason: "dana may not operate the daemon in all of shop",
    });
  });

  test("says who may, and how one becomes one of them", () => {
    expect(whoMay("secrets")).toBe("whoever has the role admin may; an administrator gives it, with: fairway roles");
    expect(whoMay("change")).toContain("the role deployer or admin may");
    expect(whoMay("read")).toContain("the role viewer, deployer, approver or admin may");
  });

  test("tells a token's limit from the role of the one whose it is", () => {
    const token = who([{ role: "admin", project: null, environment: null }], {
      permissions: ["read"],
      projects: null,
      environments: null,
    });
    expect(authorize(token, "change", inProduction)).toMatchObject({
      reason: "this token may not change anything in production",
    });
  });

  test("holds for a role that this version does not know", () => {
    const old = { role: "toString" as Role, project: null, environment: null };
    expect(may(who([old]), "read", inProduction)).toBe(false);
  });
});
