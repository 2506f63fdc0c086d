import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { loggedInShape, loginWaysShape, personName, sessionShape, typedSecret, whoamiShape } from "../shapes/people.ts";
import { none } from "./inputs.ts";

const as = z
  .enum(["cookie", "token"])
  .default("token")
  .describe("`cookie` for a browser, which needs https or localhost; `token` for a program");

/** Who somebody is, and their own sessions. */
export const loginOperations = {
  loginWays: {
    ...routes.loginWays,
    summary: "How somebody can come in here, for the page that asks them to.",
    access: "open",
    params: none,
    query: none,
    body: null,
    answer: loginWaysShape,
    kind: "json",
  },
  login: {
    ...routes.login,
    summary: "Begins a session with a name and a password.",
    access: "open",
    params: none,
    query: none,
    body: z.object({ name: personName, password: typedSecret, as }),
    answer: loggedInShape,
    kind: "json",
  },
  setUp: {
    ...routes.setUp,
    summary: "Makes the first administrator, with the code that the daemon told where it was started.",
    access: "open",
    params: none,
    query: none,
    body: z.object({ code: z.string().min(1).max(100), name: personName, password: typedSecret, as }),
    answer: loggedInShape,
    kind: "json",
  },
  loginCode: {
    ...routes.loginCode,
    summary: "Asks for a code that a person enters where they are logged in, so that a program may act for them.",
    access: "open",
    params: none,
    query: none,
    body: z.object({}),
    answer: z.object({
      code: z.string().describe("What the person enters"),
      claim: z.string().describe("What the program comes back with; a secret"),
      expiresAt: z.string(),
    }),
    kind: "json",
  },
  claimLogin: {
    ...routes.claimLogin,
    summary: "Takes the session that a person has let a program have; `token` is null while nobody has.",
    access: "open",
    params: none,
    query: none,
    body: z.object({ claim: z.string().min(1).max(200) }),
    answer: z.object({ token: z.string().nullable(), name: z.string().nullable(), expiresAt: z.string().nullable() }),
    kind: "json",
  },
  confirmLogin: {
    ...routes.confirmLogin,
    summary: "Lets the program that showed a code act for whoever confirms it.",
    access: "self",
    stepUp: true,
    params: none,
    query: none,
    body: z.object({ code: z.string().min(1).max(40) }),
    answer: z.object({ confirmed: z.literal(true) }),
    kind: "json",
  },
  proveAgain: {
    ...routes.proveAgain,
    summary: "Shows again who asks, for what needs a fresh proof. The session's secret is exchanged.",
    access: "self",
    params: none,
    query: none,
    body: z.object({ password: typedSecret }),
    answer: loggedInShape,
    kind: "json",
  },
  logout: {
    ...routes.logout,
    summary: "Ends the session that asks.",
    access: "self",
    params: none,
    query: none,
    body: z.object({}),
    answer: z.object({ ended: z.boolean() }),
    kind: "json",
  },
  whoami: {
    ...routes.whoami,
    summary: "Who asks, and what they may do.",
    access: "self",
    params: none,
    query: none,
    body: null,
    answer: whoamiShape,
    kind: "json",
  },
  changePassword: {
    ...routes.changePassword,
    summary: "Changes one's own password, and ends one's other sessions.",
    access: "self",
    params: none,
    query: none,
    body: z.object({ old: typedSecret, password: typedSecret }),
    answer: z.object({ endedSessions: z.number() }),
    kind: "json",
  },
  sessions: {
    ...routes.sessions,
    summary: "One's own sessions, the last used first.",
    access: "self",
    params: none,
    query: none,
    body: null,
    answer: z.array(sessionShape),
    kind: "json",
  },
  endSession: {
    ...routes.endSession,
    summary: "Ends one of one's own sessions.",
    access: "self",
    params: z.object({ session: z.string().min(1).max(40) }),
    query: none,
    body: z.object({}),
    answer: z.object({ ended: z.boolean() }),
    kind: "json",
  },
} as const satisfies Record<string, Route>;
