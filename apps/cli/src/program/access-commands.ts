import type { Entry } from "./entry.ts";

/** Reviews of who can do what. */
export const accessCommands: Entry = {
  usage: "access",
  summary: "who can do what: review them one by one",
  more: "Of credentials with an access-review. Everybody is kept, changed or revoked by somebody else; then the duty is shown.",
  load: async () => (await import("../commands/access/access.ts")).listReviews,
  below: [
    {
      usage: "show <review>",
      summary: "show one, with what was decided",
      load: async () => (await import("../commands/access/access.ts")).showReview,
    },
    {
      usage: "open <duty>",
      summary: "begin one with everybody that is listed",
      more: "A file has a line of names first: principal or user, kind, access, last_used, concerns. AWS's credential report is one.",
      options: [
        ["--csv <file>", "a file of comma-separated values"],
        ["--aws <environment>", "what AWS says of this environment's account"],
      ],
      load: async () => (await import("../commands/access/access.ts")).openReview,
    },
    {
      usage: "decide <review> <principal> <choice>",
      summary: "say keep, change or revoke",
      options: [["--reason <text>", "why"]],
      load: async () => (await import("../commands/access/access.ts")).decideAccess,
    },
  ],
};

/** What was spoken of with vendors. */
export const vendorCommands: Entry = {
  usage: "vendors",
  summary: "what was spoken of with vendors",
  more: "Of the vendors in ops/credentials.yaml. What is written down is never changed.",
  load: async () => (await import("../commands/access/access.ts")).listVendors,
  below: [
    {
      usage: "show <vendor>",
      summary: "show it, the newest first",
      load: async () => (await import("../commands/access/access.ts")).vendorContacts,
    },
    {
      usage: "log <vendor> <text>",
      summary: "write something down; never a secret",
      load: async () => (await import("../commands/access/access.ts")).logVendorContact,
    },
  ],
};
