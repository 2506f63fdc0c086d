import type { Entry } from "./entry.ts";

const where = [
  ["-e, --env <environment>", "only there"],
  ["--project <name>", "only of this project"],
] as const satisfies NonNullable<Entry["options"]>;

/** Who somebody is, who there is, and what they may do. */
export const people: readonly Entry[] = [
  {
    usage: "login",
    summary: "show a daemon who you are",
    more: "A password is typed, or piped in on the first line; never an argument. The session is kept where only you can read it. FAIRWAY_TOKEN and FAIRWAY_URL go before it.",
    options: [
      ["--user <name>", "as whom"],
      ["--url <address>", "of which daemon: https://fairway.example.com"],
      ["--with-token", "with a token that is piped in"],
      ["--with-code", "by a code that you confirm where you are logged in"],
      ["--first", "as the first administrator, by the code that the daemon told"],
      ["--again", "only show again who you are, for what needs that"],
    ],
    load: async () => (await import("../commands/people/login.ts")).login,
  },
  {
    usage: "login-code <code>",
    summary: "let a program elsewhere act for you",
    more: "The code is the one that `fairway login --with-code` shows there.",
    load: async () => (await import("../commands/people/login.ts")).confirmCode,
  },
  {
    usage: "logout",
    summary: "end your session",
    load: async () => (await import("../commands/people/login.ts")).logout,
  },
  {
    usage: "whoami",
    summary: "who you are here, and what you may do",
    load: async () => (await import("../commands/people/login.ts")).whoami,
  },
  {
    usage: "users",
    summary: "people: list, add, disable, passwd, …",
    load: async () => (await import("../commands/people/users.ts")).listUsers,
    below: [
      {
        usage: "list",
        summary: "list everybody, with their roles",
        load: async () => (await import("../commands/people/users.ts")).listUsers,
      },
      {
        usage: "add <name>",
        summary: "add somebody; the first is an administrator",
        more: "The password is typed twice, or piped in. From the first person on everybody logs in.",
        options: [
          ["--role <role>", "everywhere: viewer, deployer, approver or admin"],
          ["--email <address>", "where they are asked, and what tells which commits are theirs"],
        ],
        load: async () => (await import("../commands/people/users.ts")).addUser,
      },
      {
        usage: "disable <name>",
        summary: "keep somebody out, with sessions and tokens",
        load: async () => (await import("../commands/people/users.ts")).disableUser,
      },
      {
        usage: "enable <name>",
        summary: "let somebody in again",
        load: async () => (await import("../commands/people/users.ts")).enableUser,
      },
      {
        usage: "passwd [name]",
        summary: "change a password: your own, or somebody's",
        load: async () => (await import("../commands/people/users.ts")).changePassword,
      },
      {
        usage: "sign-out <name>",
        summary: "end all sessions of somebody",
        load: async () => (await import("../commands/people/users.ts")).signOutUser,
      },
    ],
  },
  {
    usage: "roles",
    summary: "who may do what: list, grant, revoke",
    load: async () => (await import("../commands/people/users.ts")).listRoles,
    below: [
      {
        usage: "list",
        summary: "list who has which role, where",
        load: async () => (await import("../commands/people/users.ts")).listRoles,
      },
      {
        usage: "grant <name> <role>",
        summary: "give viewer, deployer, approver or admin",
        options: where,
        load: async () => (await import("../commands/people/users.ts")).grantRole,
      },
      {
        usage: "revoke <name> <role>",
        summary: "take a role away, as it was given",
        options: where,
        load: async () => (await import("../commands/people/users.ts")).revokeRole,
      },
    ],
  },
  {
    usage: "tokens",
    summary: "API tokens: list, create, revoke",
    load: async () => (await import("../commands/people/tokens.ts")).listTokens,
    below: [
      {
        usage: "list",
        summary: "list your tokens; none is shown again",
        options: [["--all", "everybody's"]],
        load: async () => (await import("../commands/people/tokens.ts")).listTokens,
      },
      {
        usage: "create <name>",
        summary: "make a token; it is shown this once",
        more: "It acts for you, and never for more than you may do. It alone goes to standard output.",
        options: [
          [
            "--permission <names>",
            "what it may do, with commas (default: read; of a service token all that its role may)",
          ],
          ["-e, --env <environments>", "only there, with commas"],
          ["--project <names>", "only of these, with commas"],
          ["--days <count>", "how long it holds, to 365 (default: 30)"],
          ["--service", "with a role of its own, for a machine"],
          ["--role <role>", "that of a service token (default: viewer)"],
        ],
        load: async () => (await import("../commands/people/tokens.ts")).createToken,
      },
      {
        usage: "revoke <id>",
        summary: "take everything from a token",
        load: async () => (await import("../commands/people/tokens.ts")).revokeToken,
      },
    ],
  },
  {
    usage: "sessions",
    summary: "your sessions: list, end",
    load: async () => (await import("../commands/people/tokens.ts")).listSessions,
    below: [
      {
        usage: "list",
        summary: "list where you are logged in",
        load: async () => (await import("../commands/people/tokens.ts")).listSessions,
      },
      {
        usage: "end <id>",
        summary: "end one of your sessions",
        load: async () => (await import("../commands/people/tokens.ts")).endSession,
      },
    ],
  },
];
