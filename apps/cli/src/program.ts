import { FairwayError } from "@fairway/core";
import { Command, CommanderError, Option } from "commander";
import type { GlobalOptions } from "./context.ts";
import { version } from "./version.ts";

/** What a command does with its arguments, its options and the global ones; the number is the exit code. */
type Action = (args: readonly string[], options: Readonly<Record<string, unknown>> & GlobalOptions) => Promise<number | void>;

/** A command as the program lists it. What it does is loaded when it is asked for, so that `--help` is quick. */
interface Entry {
  readonly usage: string;
  readonly summary: string;
  readonly options?: readonly (readonly [flags: string, description: string, fallback?: string])[];
  readonly load: () => Promise<Action>;
  readonly below?: readonly Entry[];
}

const follow = ["-d, --detach", "do not wait for it to end"] as const;
const lazy = <Module>(load: () => Promise<Module>, pick: (module: Module) => unknown): (() => Promise<Action>) =>
  async () => pick(await load()) as Action;

const entries: readonly Entry[] = [
  {
    usage: "init",
    summary: "look at this repository and write a configuration that runs",
    options: [["--format <format>", "ts or yaml; by default what fits the repository"]],
    load: lazy(() => import("./commands/init.ts"), (module) => module.init),
  },
  {
    usage: "up",
    summary: "start the daemon for this repository",
    options: [
      ["--port <port>", "of the API", "7300"],
      ["--router-port <port>", "where the public reaches the services", "8080"],
      ["--router-host <address>", "where the router listens", "127.0.0.1"],
      ["--internal-port <port>", "where the services reach each other", "7301"],
      ["--foreground", "stay in this terminal"],
    ],
    load: lazy(() => import("./commands/up.ts"), (module) => module.up),
  },
  {
    usage: "down",
    summary: "end the daemon, its services, its router and its database",
    options: [["--keep-services", "leave services and router running"]],
    load: lazy(() => import("./commands/down.ts"), (module) => module.down),
  },
  {
    usage: "status",
    summary: "show what runs where, what moves and what waits",
    options: [["-w, --watch", "keep showing it"]],
    load: lazy(() => import("./commands/status.ts"), (module) => module.status),
  },
  {
    usage: "plan <environment> [release]",
    summary: "show what a deployment would do, before it does it",
    options: [["--rollback", "of the last good release instead"]],
    load: lazy(() => import("./commands/plan.ts"), (module) => module.plan),
  },
  {
    usage: "release [ref]",
    summary: "check and build a commit, make a release of it, send it on its way",
    options: [
      ["--no-deploy", "only make the release"],
      ["--ignore-uncommitted", "although the working tree has changes that are in no commit"],
      follow,
    ],
    load: lazy(() => import("./commands/release.ts"), (module) => module.release),
  },
  {
    usage: "releases",
    summary: "list the releases, newest first",
    options: [["-n, --limit <count>", "how many", "20"]],
    load: lazy(() => import("./commands/release.ts"), (module) => module.releases),
  },
  {
    usage: "deploy <environment> [release]",
    summary: "deploy a release to an environment",
    options: [follow],
    load: lazy(() => import("./commands/deploy.ts"), (module) => module.deploy),
  },
  {
    usage: "promote [environment]",
    summary: "deploy what the environment before has verified",
    options: [follow],
    load: lazy(() => import("./commands/deploy.ts"), (module) => module.promote),
  },
  {
    usage: "approve [run]",
    summary: "show what a waiting deployment would do, and let it",
    options: [["--no", "refuse it"], ["--note <text>", "why, for the record"], follow],
    load: lazy(() => import("./commands/approve.ts"), (module) => module.approve),
  },
  {
    usage: "rollback <environment>",
    summary: "bring the last good release back",
    options: [["--to <release>", "an earlier one"], follow],
    load: lazy(() => import("./commands/rollback.ts"), (module) => module.rollback),
  },
  {
    usage: "logs [service]",
    summary: "show what services, or the steps of a run, have written",
    options: [
      ["-e, --environment <name>", "of one environment"],
      ["--replica <name>", "of one replica"],
      ["--run <run>", "of a run's steps"],
      ["--job <job>", "of one job of the run"],
      ["--step <step>", "of one step of the run"],
      ["-f, --follow", "go on with what comes"],
      ["--since <time>", "from a time, or a span ago: 10m, 2h"],
      ["--grep <text>", "only lines that contain this"],
      ["-n, --lines <count>", "only the last so many of each"],
    ],
    load: lazy(() => import("./commands/logs.ts"), (module) => module.logs),
  },
  {
    usage: "runs",
    summary: "list the runs, newest first",
    options: [["-n, --limit <count>", "how many", "20"], ["--active", "only those that have not ended"]],
    load: lazy(() => import("./commands/runs.ts"), (module) => module.runs),
  },
  {
    usage: "run",
    summary: "one run: show, watch, cancel, retry",
    load: lazy(() => import("./commands/runs.ts"), (module) => module.runs),
    below: [
      {
        usage: "show <run>",
        summary: "show its jobs and steps",
        load: lazy(() => import("./commands/runs.ts"), (module) => module.showRun),
      },
      {
        usage: "watch <run>",
        summary: "show it until it has ended",
        load: lazy(() => import("./commands/runs.ts"), (module) => module.watchRun),
      },
      {
        usage: "cancel <run>",
        summary: "stop it; what it changed is put right first",
        options: [follow],
        load: lazy(() => import("./commands/runs.ts"), (module) => module.cancelRun),
      },
      {
        usage: "retry <run>",
        summary: "try what did not succeed again",
        options: [follow],
        load: lazy(() => import("./commands/runs.ts"), (module) => module.retryRun),
      },
    ],
  },
  {
    usage: "environments",
    summary: "list the environments in the order of promotion",
    load: lazy(() => import("./commands/environments.ts"), (module) => module.environments),
  },
  {
    usage: "lock <environment>",
    summary: "keep deployments out of an environment",
    options: [["--reason <text>", "why, for whoever meets the lock"]],
    load: lazy(() => import("./commands/environments.ts"), (module) => module.lock),
  },
  {
    usage: "unlock <environment>",
    summary: "let deployments in again",
    load: lazy(() => import("./commands/environments.ts"), (module) => module.unlock),
  },
  {
    usage: "doctor",
    summary: "look for what could be wrong with this machine and the daemon",
    load: lazy(() => import("./commands/doctor.ts"), (module) => module.doctor),
  },
  {
    usage: "config",
    summary: "the configuration: check, explain, schema",
    load: lazy(() => import("./commands/config.ts"), (module) => module.check),
    below: [
      {
        usage: "check",
        summary: "list every problem with its place and its fix",
        load: lazy(() => import("./commands/config.ts"), (module) => module.check),
      },
      {
        usage: "explain <key>",
        summary: "say what a value is and where it came from",
        load: lazy(() => import("./commands/config.ts"), (module) => module.explainKey),
      },
      {
        usage: "schema",
        summary: "print the JSON schema, for editors",
        load: lazy(() => import("./commands/config.ts"), (module) => module.schema),
      },
    ],
  },
  {
    usage: "backup <directory>",
    summary: "write a backup of the daemon's database",
    load: lazy(() => import("./commands/backup.ts"), (module) => module.backup),
  },
  {
    usage: "restore <directory>",
    summary: "put a backup in the place of the database; the daemon must be down",
    load: lazy(() => import("./commands/restore.ts"), (module) => module.restore),
  },
  {
    usage: "version",
    summary: "print the version",
    load: async () => async (_args, { json }) => {
      process.stdout.write(json ? `${JSON.stringify({ version })}\n` : `${version}\n`);
    },
  },
  {
    usage: "completion <shell>",
    summary: "print a completion script for bash, zsh or fish",
    load: lazy(() => import("./commands/completion.ts"), (module) => module.completion),
  },
];

/** The whole command line. */
export function program(): Command {
  const root = new Command("fairway")
    .description("Takes a commit to production and back.")
    .option("--data <directory>", "the daemon's data directory (default: one per repository)")
    .option("--json", "answer as JSON, for programs")
    .option("-y, --yes", "answer every question with yes")
    .option("--no-color", "without colours; so does NO_COLOR=1")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride(refuseUsage)
    .addHelpText("after", "\nExit codes: 0 succeeded, 1 failed, 2 could not find out, 3 waits for a person.");
  root.configureOutput({ writeErr: () => undefined });
  for (const entry of entries) add(root, entry);
  return root;
}

function add(parent: Command, entry: Entry): void {
  const command = parent.command(entry.usage).description(entry.summary).exitOverride(refuseUsage);
  command.configureOutput({ writeErr: () => undefined });
  for (const [flags, description, fallback] of entry.options ?? []) {
    const option = new Option(flags, description);
    command.addOption(fallback === undefined ? option : option.default(fallback));
  }
  for (const below of entry.below ?? []) add(command, below);
  if (entry.below) return;
  command.action(async (...given: unknown[]) => {
    const args = given.slice(0, -2).filter((value): value is string => typeof value === "string");
    const action = await entry.load();
    const code = await action(args, command.optsWithGlobals());
    process.exitCode = code ?? 0;
  });
}

/** What commander found wrong with the words is refused like everything else. */
function refuseUsage(error: CommanderError): void {
  if (error.exitCode === 0) throw new Ended();
  throw new FairwayError("bad_request", error.message.replace(/^error: /, ""), { hint: "see: fairway --help" });
}

/** Help and version were printed; there is nothing more to do. */
export class Ended extends Error {}

/** The names and summaries of all commands, for completion and the reference. */
export const commandNames = (): readonly { readonly usage: string; readonly summary: string; readonly below: readonly string[] }[] =>
  entries.map(({ usage, summary, below = [] }) => ({ usage, summary, below: below.map((entry) => entry.usage) }));
