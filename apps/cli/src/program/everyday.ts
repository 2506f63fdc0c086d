import type { Entry } from "./entry.ts";
import { follow } from "./entry.ts";

/** What people do every day, in that order. */
export const everyday: readonly Entry[] = [
  {
    usage: "status",
    summary: "what runs where, what moves and what waits",
    options: [["-w, --watch", "keep showing it"]],
    load: async () => (await import("../commands/status.ts")).status,
  },
  {
    usage: "release [ref]",
    summary: "check and build a commit, send it on its way",
    more: "Makes a release of a branch, tag or commit, by default of the last commit, and deploys it where deployments happen by themselves.",
    options: [
      ["--no-deploy", "only make the release"],
      ["--ignore-uncommitted", "although the working tree has changes that are in no commit"],
      follow,
    ],
    load: async () => (await import("../commands/release.ts")).release,
    below: [
      {
        usage: "show <release>",
        summary: "show its parts, and where it runs",
        load: async () => (await import("../commands/release-details.ts")).showRelease,
      },
      {
        usage: "diff <from> <to>",
        summary: "show what differs from one to a later one",
        load: async () => (await import("../commands/release-details.ts")).diffRelease,
      },
      {
        usage: "verify <release>",
        summary: "look whether it is still what was signed",
        more: "Reads every byte of its artifacts and needs no network. Exit code 1 says that something is not what was signed.",
        load: async () => (await import("../commands/release-details.ts")).verifyRelease,
      },
      {
        usage: "sbom <release> <service>",
        summary: "print what a service is made of (CycloneDX)",
        options: [["-o, --output <file>", "write it to a new file"]],
        load: async () => (await import("../commands/release-details.ts")).releaseSbom,
      },
      {
        usage: "provenance <release>",
        summary: "print how it came to be, signed (DSSE)",
        options: [
          ["--sigstore", "the Sigstore bundle in its place"],
          ["-o, --output <file>", "write it to a new file"],
        ],
        load: async () => (await import("../commands/release-details.ts")).releaseProvenance,
      },
      {
        usage: "keys",
        summary: "list the keys that releases are signed with",
        load: async () => (await import("../commands/release-details.ts")).signingKeys,
      },
    ],
  },
  {
    usage: "promote [environment]",
    summary: "deploy what the environment before verified",
    more: "Without a name it takes the one environment that takes from another.",
    options: [follow],
    load: async () => (await import("../commands/deploy.ts")).promote,
  },
  {
    usage: "approve [run]",
    summary: "let a waiting deployment happen, or refuse it",
    more: "Shows the plan and asks. The answer counts for exactly that plan. Without a run it takes the one that waits.",
    options: [
      ["--no", "refuse it"],
      ["--note <text>", "why, for the record"],
      ["--destroy <names...>", "what you mean to be taken away: resources, or what they are in"],
      follow,
    ],
    load: async () => (await import("../commands/approve.ts")).approve,
  },
  {
    usage: "rollback [environment]",
    summary: "bring the last good release back",
    more: "Shows what becomes of each part, and asks. A way back needs no approval, and nothing keeps it out. The release that it leaves goes into quarantine. Without a name it takes the one environment that runs something.",
    options: [
      ["--to <release>", "an earlier one"],
      ["--only <services...>", "only these services; the environment is mixed until the next deployment"],
      ["--reason <text>", "why, for whoever meets the quarantine"],
      ["--force", "although a database does not answer, which it would wait for"],
      follow,
    ],
    load: async () => (await import("../commands/rollback.ts")).rollback,
  },
  {
    usage: "logs [service]",
    summary: "what services, or the steps of a run, wrote",
    options: [
      ["-e, --env <environment>", "of one environment"],
      ["--replica <name>", "of one replica"],
      ["--run <run>", "of a run's steps"],
      ["--job <job>", "of one job of the run"],
      ["--step <step>", "of one step of the run"],
      ["-f, --follow", "go on with what comes"],
      ["--since <time>", "from a time, or a span ago: 10m, 2h"],
      ["--grep <text>", "only lines that contain this"],
      ["-n, --lines <count>", "only the last so many of each; with --from-line so many from there"],
      ["--from-line <number>", "begin with this line of each"],
    ],
    load: async () => (await import("../commands/logs.ts")).logs,
  },
];
