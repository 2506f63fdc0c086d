import type { Entry } from "./entry.ts";
import { follow } from "./entry.ts";

const list: Pick<Entry, "options" | "load"> = {
  options: [
    ["--ended", "also those that have ended"],
    ["-n, --limit <count>", "how many", "50"],
  ],
  load: async () => (await import("../commands/previews/previews.ts")).listPreviews,
};

/** Environments of pull requests and branches. */
export const previewCommands: Entry = {
  usage: "preview",
  summary: "environments of pull requests and branches",
  load: async () => (await import("../commands/previews/previews.ts")).listPreviews,
  below: [
    {
      usage: "open <ref>",
      summary: "open one of a branch, commit or pull request",
      more: "Of a branch it follows each push and ends with the branch. It waits until the preview answers.",
      options: [
        ["--name <name>", "what it is called, and the first part of its host; made of the ref without it"],
        follow,
      ],
      load: async () => (await import("../commands/previews/previews.ts")).openPreview,
    },
    {
      usage: "close <preview>",
      summary: "take a preview away: replicas, routes, databases",
      more: "It waits until the preview is gone.",
      options: [follow],
      load: async () => (await import("../commands/previews/previews.ts")).closePreview,
    },
    { usage: "list", summary: "list previews with their addresses", ...list },
    {
      usage: "show <preview>",
      summary: "show one preview: what it shows, where, and until when",
      load: async () => (await import("../commands/previews/previews.ts")).showPreview,
    },
    {
      usage: "approve <preview>",
      summary: "let the commit of a fork have its preview",
      more: "For this one commit, which you have looked at. It gets no secrets, and the next push asks again.",
      options: [["--sha <commit>", "the whole commit; without it you are asked about the one it has now"]],
      load: async () => (await import("../commands/previews/previews.ts")).approvePreview,
    },
  ],
};
