import { permissionNames, roleNames } from "@fairway/core";
import { z } from "zod";
import { timestamp } from "./timestamp.ts";

/** A name as people log in with it. Told apart whatever its case, so it has none. */
export const personName = z
  .string()
  .max(64)
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]*$/, "a name is letters, digits and . _ @ + -, like dana or dana@example.com");

/** A secret that people type. Its length is a matter of its own, told in words that do not repeat it. */
export const typedSecret = z.string().min(1).max(1024);

export const role = z.enum(roleNames as readonly [(typeof roleNames)[number], ...typeof roleNames]);
export const permission = z.enum(
  permissionNames as readonly [(typeof permissionNames)[number], ...typeof permissionNames],
);

export const grantShape = z.object({
  role,
  project: z.string().nullable().describe("null: every project of this daemon"),
  environment: z.string().nullable().describe("null: all of them, and what belongs to none"),
});

export const personShape = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    login: z.enum(["password", "oidc", "none"]).describe("How they show who they are"),
    grants: z.array(grantShape),
    disabled: z.boolean(),
    createdAt: timestamp,
    lastSeenAt: timestamp.nullable(),
  })
  .meta({ id: "Person" });

export const sessionShape = z
  .object({
    id: z.string(),
    kind: z.enum(["browser", "cli"]),
    current: z.boolean().describe("Whether it is the one that asks"),
    createdAt: timestamp,
    lastUsedAt: timestamp,
    provenAt: timestamp.describe("When its person last showed who they are"),
    expiresAt: timestamp,
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
  })
  .meta({ id: "Session" });

export const tokenShape = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(["personal", "service"]),
    owner: z.string().describe("Who made it, and answers for it"),
    hint: z.string().describe("How it begins, so that one that was found can be told"),
    permissions: z.array(permission).describe("The most it may do; never more than whose it is"),
    role: role.nullable().describe("Of a service token, which has a role of its own"),
    projects: z.array(z.string()).nullable().describe("null: every one"),
    environments: z.array(z.string()).nullable().describe("null: all of them, and what belongs to none"),
    createdAt: timestamp,
    expiresAt: timestamp,
    lastUsedAt: timestamp.nullable(),
    lastAddress: z.string().nullable(),
    lastUserAgent: z.string().nullable(),
    revokedAt: timestamp.nullable(),
  })
  .meta({ id: "Token" });

/** The only time that a token is shown. */
export const newTokenShape = tokenShape
  .extend({ token: z.string().describe("Shown this once") })
  .meta({ id: "NewToken" });

export const whoamiShape = z
  .object({
    name: z.string(),
    id: z.string(),
    kind: z.enum(["person", "token", "system"]),
    owner: z.string().nullable().describe("Of a token"),
    login: z.boolean().describe("False where whoever sits at the machine may do everything"),
    grants: z.array(grantShape),
    permissions: z.array(permission).nullable().describe("What a token is limited to; null for people"),
    expiresAt: timestamp.nullable(),
  })
  .meta({ id: "Whoami" });

export const loggedInShape = z
  .object({
    name: z.string(),
    token: z.string().nullable().describe("For programs; browsers get a cookie instead"),
    expiresAt: timestamp,
  })
  .meta({ id: "LoggedIn" });

export const loginWaysShape = z
  .object({
    identityProvider: z.boolean().describe("Whether one is configured: `/auth/oidc/start` is the way there"),
    firstAdministrator: z
      .boolean()
      .describe("Whether nobody is an administrator yet, so that the code of the daemon's start makes one"),
  })
  .meta({ id: "LoginWays" });

export type PersonShape = z.output<typeof personShape>;
export type SessionShape = z.output<typeof sessionShape>;
export type TokenShape = z.output<typeof tokenShape>;
export type NewTokenShape = z.output<typeof newTokenShape>;
export type WhoamiShape = z.output<typeof whoamiShape>;
export type LoggedInShape = z.output<typeof loggedInShape>;
