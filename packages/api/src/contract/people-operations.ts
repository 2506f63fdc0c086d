import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import {
  grantShape,
  newTokenShape,
  permission,
  personName,
  personShape,
  role,
  tokenShape,
  typedSecret,
} from "../shapes/people.ts";
import { none, page, words } from "./inputs.ts";

const place = z.string().min(1).max(60);
const person = z.object({ person: personName });
const tokenName = words(80).min(1).describe("What it is for: `ci`");
const days = z.number().int().min(1).max(365).default(30).describe("After which it opens nothing any more");
const environments = z.array(place).min(1).max(50).nullable().default(null);
const projects = z.array(place).min(1).max(50).nullable().default(null);
const roleWish = z.object({
  person: personName,
  role,
  project: place.nullable().default(null).describe("null: every project of this daemon"),
  environment: place.nullable().default(null).describe("null: all of them, and what belongs to none"),
});

/** People, their roles and their tokens. */
export const peopleOperations = {
  people: {
    ...routes.people,
    summary: "Everybody who may log in, with their roles.",
    access: "people",
    params: none,
    query: z.object({
      text: z.string().max(120).optional().describe("Only with this in their name or address"),
      after: z.string().max(64).optional().describe("Only names behind this one: the next page"),
      limit: page,
    }),
    body: null,
    answer: z.array(personShape),
    kind: "json",
  },
  addPerson: {
    ...routes.addPerson,
    summary: "Adds a person who logs in with a password. The first one there is becomes an administrator.",
    access: "people",
    stepUp: true,
    params: none,
    query: none,
    body: z.object({
      name: personName,
      password: typedSecret,
      email: z.email().max(200).nullable().default(null),
      role: role.nullable().default(null).describe("Everywhere; narrower ones are given afterwards"),
    }),
    answer: personShape,
    kind: "json",
  },
  disablePerson: {
    ...routes.disablePerson,
    summary: "Keeps a person out, with all their sessions and tokens, or lets them in again.",
    access: "people",
    stepUp: true,
    params: person,
    query: none,
    body: z.object({ disabled: z.boolean() }),
    answer: personShape,
    kind: "json",
  },
  resetPassword: {
    ...routes.resetPassword,
    summary: "Gives a person another password, and ends their sessions.",
    access: "people",
    stepUp: true,
    params: person,
    query: none,
    body: z.object({ password: typedSecret }),
    answer: personShape,
    kind: "json",
  },
  signOut: {
    ...routes.signOut,
    summary: "Ends all sessions of a person.",
    access: "people",
    params: person,
    query: none,
    body: z.object({}),
    answer: z.object({ endedSessions: z.number() }),
    kind: "json",
  },
  roles: {
    ...routes.roles,
    summary: "Who has which role, where.",
    access: "people",
    params: none,
    query: none,
    body: null,
    answer: z.array(grantShape.extend({ person: z.string() })),
    kind: "json",
  },
  grantRole: {
    ...routes.grantRole,
    summary: "Gives a person a role, everywhere or in one environment.",
    access: "people",
    stepUp: true,
    params: none,
    query: none,
    body: roleWish,
    answer: personShape,
    kind: "json",
  },
  takeRole: {
    ...routes.takeRole,
    summary: "Takes a role from a person, exactly as it was given. The last administrator keeps theirs.",
    access: "people",
    stepUp: true,
    params: none,
    query: none,
    body: roleWish,
    answer: personShape,
    kind: "json",
  },
  tokens: {
    ...routes.tokens,
    summary: "One's own API tokens; none of them is ever shown again.",
    access: "self",
    params: none,
    query: none,
    body: null,
    answer: z.array(tokenShape),
    kind: "json",
  },
  allTokens: {
    ...routes.allTokens,
    summary: "Everybody's API tokens.",
    access: "people",
    params: none,
    query: z.object({
      before: z
        .string()
        .regex(/^t\d{1,15}$/, "a token is named like t17")
        .optional()
        .describe("Only tokens made before this one: the next page"),
      limit: page,
    }),
    body: null,
    answer: z.array(tokenShape),
    kind: "json",
  },
  createToken: {
    ...routes.createToken,
    summary: "Makes an API token that acts for whoever makes it, and never for more than they may do.",
    access: "self",
    stepUp: true,
    params: none,
    query: none,
    body: z.object({
      name: tokenName,
      permissions: z.array(permission).min(1).max(20).default(["read"]),
      projects,
      environments,
      days,
    }),
    answer: newTokenShape,
    kind: "json",
  },
  createServiceToken: {
    ...routes.createServiceToken,
    summary: "Makes an API token with a role of its own, which stays when whoever made it goes.",
    access: "people",
    stepUp: true,
    params: none,
    query: none,
    body: z.object({
      ...{ name: tokenName, role, projects, environments, days },
      permissions: z
        .array(permission)
        .min(1)
        .max(20)
        .nullable()
        .default(null)
        .describe("Of those of the role; null: all of them"),
    }),
    answer: newTokenShape,
    kind: "json",
  },
  revokeToken: {
    ...routes.revokeToken,
    summary: "Revokes one of one's own tokens; who may manage people revokes anybody's.",
    access: "self",
    params: z.object({ token: z.string().min(1).max(40) }),
    query: none,
    body: z.object({}),
    answer: tokenShape,
    kind: "json",
  },
} as const satisfies Record<string, Route>;
