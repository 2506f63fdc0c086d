import type { Entry } from "./entry.ts";

/** What people are told. */
export const noticeCommands: Entry = {
  usage: "notices",
  summary: "what people were told, and what did not arrive",
  options: [
    ["--dead", "only what was given up"],
    ["--waiting", "only what is on its way"],
    ["--channel <name>", "only of this channel"],
  ],
  load: async () => (await import("../commands/notices.ts")).listNotices,
  below: [
    {
      usage: "test <channel>",
      summary: "have a channel told that it works",
      load: async () => (await import("../commands/notices.ts")).testNotice,
    },
    {
      usage: "retry [number]",
      summary: "try what was given up again",
      more: "Without a number all of it.",
      load: async () => (await import("../commands/notices.ts")).retryNotices,
    },
  ],
};
