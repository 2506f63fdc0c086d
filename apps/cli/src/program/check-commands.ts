import type { Entry } from "./entry.ts";
import { follow } from "./entry.ts";

/** Asks what runs. */
export const verifyCommand: Entry = {
  usage: "verify <what>",
  summary: "ask an environment's checks, or a bundle.zip",
  more: "Of an environment: its checks are asked again of what runs there. A no takes the release's word of being verified there away, so that it goes nowhere from there; when all say yes it has it again. Each check that says no is asked once more first. Of a bundle, which `fairway evidence export` writes (its name ends with .zip): whether it is what was signed, without a daemon, a database or a network. Of the seal of a quarter (its name ends with .seal.json) the same, with the files beside it.",
  options: [
    ["--check <names...>", "only these; a part of them never gives the word back"],
    ["--junit <file>", "also write what was found as JUnit XML, to a new file"],
    ["--key <file>", "of a bundle: the public key to trust, in PEM"],
    follow,
  ],
  load: async () => (await import("../commands/checks/verify.ts")).verify,
};

/** Makes journeys elsewhere. */
export const workerCommand: Entry = {
  usage: "worker <location>",
  summary: "make the journeys of a place, for a daemon",
  more: "It asks the daemon at FAIRWAY_URL, as FAIRWAY_TOKEN, for those that are due at its label, or labels with commas between them, makes them on this machine and tells what they came to, until it is ended. Its token needs the permission `work`.",
  options: [["--name <name>", "as people know it (default: that of this machine)"]],
  load: async () => (await import("../commands/worker.ts")).worker,
};

/** Shows what was asked of what runs. */
export const checkCommands: Entry = {
  usage: "checks",
  summary: "what checks of services found: list, …",
  load: async () => (await import("../commands/checks/results.ts")).listChecks,
  below: [
    {
      usage: "list [environment]",
      summary: "list results, the newest first",
      options: [
        ["--release <release>", "only of this release"],
        ["--check <name>", "only of this check"],
        ["--run <run>", "only of this run"],
        ["-n, --limit <count>", "how many", "20"],
      ],
      load: async () => (await import("../commands/checks/results.ts")).listChecks,
    },
    {
      usage: "show <result>",
      summary: "show what one found, test by test",
      load: async () => (await import("../commands/checks/results.ts")).showCheck,
    },
    {
      usage: "flaky [environment]",
      summary: "list tests that failed and passed with the same release",
      options: [["-n, --limit <count>", "how many results to look at", "100"]],
      load: async () => (await import("../commands/checks/results.ts")).listFlaky,
    },
    {
      usage: "revoked",
      summary: "list releases that do not count as verified any more, and why",
      load: async () => (await import("../commands/checks/results.ts")).listRevoked,
    },
    {
      usage: "workers",
      summary: "list who makes journeys elsewhere",
      load: async () => (await import("../commands/checks/workers.ts")).listWorkers,
    },
    {
      usage: "synthetics [environment]",
      summary: "how journeys stand, with p50 and p95",
      options: [["--days <days>", "how far back the figures go", "1"]],
      load: async () => (await import("../commands/checks/synthetics.ts")).listSynthetics,
    },
  ],
};
