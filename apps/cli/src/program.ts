// One table of every command, and longer than other files for it: it is read from top to bottom as the help is, and each
// file more is seen in every call.

import type { CommanderError } from "commander";
import { Command, Option } from "commander";
import type { GlobalOptions } from "./context.ts";
import { version } from "./version.ts";

/** What a command does with its arguments, its options and the global ones; the number is the exit code. */
type Action = (
  args: readonly string[],
  options: Readonly<Record<string, unknown>> & GlobalOptions,
) => Promise<number | void>;

/** A command as the program lists it. What it does is loaded when it is asked for, so that `--help` is quick. */
interface Entry {
  readonly usage: string;
  /** A line in the list of commands: at most 47 columns, so that the list is quiet at 80. */
  readonly summary: string;
  /** What else there is to know, in its own help and in the reference. */
  readonly more?: string;
  readonly options?: readonly (readonly [flags: string, description: string, fallback?: string])[];
  readonly load: () => Promise<Action>;
  readonly below?: readonly Entry[];
}

const follow = ["-d, --detach", "do not wait for it to end"] as const;
const lazy =
  <Module>(load: () => Promise<Module>, pick: (module: Module) => unknown): (() => Promise<Action>) =>
  async () =>
    pick(await load()) as Action;

const everyday: readonly Entry[] = [
  {
    usage: "status",
    summary: "what runs where, what moves and what waits",
    options: [["-w, --watch", "keep showing it"]],
    load: lazy(
      () => import("./commands/status.ts"),
      (module) => module.status,
    ),
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
    load: lazy(
      () => import("./commands/release.ts"),
      (module) => module.release,
    ),
    below: [
      {
        usage: "show <release>",
        summary: "show its parts, and where it runs",
        load: lazy(
          () => import("./commands/release-details.ts"),
          (module) => module.showRelease,
        ),
      },
      {
        usage: "diff <from> <to>",
        summary: "show what differs from one to a later one",
        load: lazy(
          () => import("./commands/release-details.ts"),
          (module) => module.diffRelease,
        ),
      },
      {
        usage: "verify <release>",
        summary: "look whether it is still what was signed",
        more: "Reads every byte of its artifacts and needs no network. Exit code 1 says that something is not what was signed.",
        load: lazy(
          () => import("./commands/release-details.ts"),
          (module) => module.verifyRelease,
        ),
      },
      {
        usage: "sbom <release> <service>",
        summary: "print what a service is made of (CycloneDX)",
        options: [["-o, --output <file>", "write it to a new file"]],
        load: lazy(
          () => import("./commands/release-details.ts"),
          (module) => module.releaseSbom,
        ),
      },
      {
        usage: "provenance <release>",
        summary: "print how it came to be, signed (DSSE)",
        options: [["-o, --output <file>", "write it to a new file"]],
        load: lazy(
          () => import("./commands/release-details.ts"),
          (module) => module.releaseProvenance,
        ),
      },
    ],
  },
  {
    usage: "promote [environment]",
    summary: "deploy what the environment before verified",
    more: "Without a name it takes the one environment that takes from another.",
    options: [follow],
    load: lazy(
      () => import("./commands/deploy.ts"),
      (module) => module.promote,
    ),
  },
  {
    usage: "approve [run]",
    summary: "let a waiting deployment happen, or refuse it",
    more: "Shows the plan and asks. The answer counts for exactly that plan. Without a run it takes the one that waits.",
    options: [["--no", "refuse it"], ["--note <text>", "why, for the record"], follow],
    load: lazy(
      () => import("./commands/approve.ts"),
      (module) => module.approve,
    ),
  },
  {
    usage: "rollback <environment>",
    summary: "bring the last good release back",
    more: "Shows the plan and asks. A way back needs no approval and no lock keeps it out.",
    options: [["--to <release>", "an earlier one"], follow],
    load: lazy(
      () => import("./commands/rollback.ts"),
      (module) => module.rollback,
    ),
  },
  {
    usage: "logs [service]",
    summary: "what services, or the steps of a run, wrote",
    options: [
      ["-e, --environment <name>", "of one environment"],
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
    load: lazy(
      () => import("./commands/logs.ts"),
      (module) => module.logs,
    ),
  },
];

const looking: readonly Entry[] = [
  {
    usage: "workflow",
    summary: "GitHub Actions workflows: run, check, …",
    load: lazy(
      () => import("./commands/workflow/run.ts"),
      (module) => module.workflowRun,
    ),
    below: [
      {
        usage: "run <file>",
        summary: "run a workflow file of a commit",
        more: "Runs it as GitHub would for the event: a name, or a JSON file with what GitHub would send. Without one it takes what the workflow listens to. Exit code 1 also says that the event starts nothing.",
        options: [
          ["--job <job>", "only this job and what it needs"],
          ["--event <event>", "push, pull_request, …, or a JSON file"],
          ["--input <inputs...>", "for one that is started by hand: NAME=VALUE"],
          ["--ref <ref>", "of a branch, tag or commit", "HEAD"],
          ["--ignore-uncommitted", "although the working tree has changes that are in no commit"],
          follow,
        ],
        load: lazy(
          () => import("./commands/workflow/run.ts"),
          (module) => module.workflowRun,
        ),
      },
      {
        usage: "check [file]",
        summary: "say what becomes of every line of a workflow",
        more: "Marks every construct as enforced, emulated, without effect or rejected, and reports what will not do what its author wants, with a patch where there is one. Without a file it takes all of .github/workflows. Needs no daemon. Exit code 1 says that a workflow cannot run here.",
        options: [
          ["--sarif", "print SARIF 2.1.0, for code hosts and editors"],
          ["--containers", "as if a container engine were configured"],
        ],
        load: lazy(
          () => import("./commands/workflow/check.ts"),
          (module) => module.checkWorkflows,
        ),
      },
      {
        usage: "lock",
        summary: "write down the commits of the actions used",
        more: "Writes .github/fairway-actions.lock with the commit of every action of another repository that is not built in, also of those that such actions use. What is locked stays until it is renewed. Needs no daemon.",
        options: [
          ["--renew", "look all of them up again"],
          ["--server <url>", "where the repositories are", "https://github.com"],
        ],
        load: lazy(
          () => import("./commands/workflow/lock.ts"),
          (module) => module.lockActions,
        ),
      },
    ],
  },
  {
    usage: "plan <environment> [release]",
    summary: "what a deployment would do, before it does it",
    more: "Exit code 1 says that it could not be done.",
    options: [["--rollback", "of the last good release instead"]],
    load: lazy(
      () => import("./commands/plan.ts"),
      (module) => module.plan,
    ),
  },
  {
    usage: "runs",
    summary: "list the runs, newest first",
    options: [
      ["-n, --limit <count>", "how many", "20"],
      ["--active", "only those that have not ended"],
    ],
    load: lazy(
      () => import("./commands/runs.ts"),
      (module) => module.runs,
    ),
  },
  {
    usage: "run",
    summary: "one run: show, watch, cancel, retry",
    load: lazy(
      () => import("./commands/runs.ts"),
      (module) => module.runs,
    ),
    below: [
      {
        usage: "show <run>",
        summary: "show its jobs and steps",
        load: lazy(
          () => import("./commands/runs.ts"),
          (module) => module.showRun,
        ),
      },
      {
        usage: "watch <run>",
        summary: "show it until it has ended",
        load: lazy(
          () => import("./commands/runs.ts"),
          (module) => module.watchRun,
        ),
      },
      {
        usage: "cancel <run>",
        summary: "stop it; what it changed is put right first",
        options: [follow],
        load: lazy(
          () => import("./commands/runs.ts"),
          (module) => module.cancelRun,
        ),
      },
      {
        usage: "retry <run>",
        summary: "try what did not succeed again",
        options: [follow],
        load: lazy(
          () => import("./commands/runs.ts"),
          (module) => module.retryRun,
        ),
      },
    ],
  },
  {
    usage: "releases",
    summary: "list the releases, newest first",
    options: [["-n, --limit <count>", "how many", "20"]],
    load: lazy(
      () => import("./commands/release.ts"),
      (module) => module.releases,
    ),
  },
  {
    usage: "keys",
    summary: "list the keys that releases are signed with",
    load: lazy(
      () => import("./commands/release-details.ts"),
      (module) => module.signingKeys,
    ),
  },
  {
    usage: "deployments [environment]",
    summary: "list what was brought where, newest first",
    options: [["-n, --limit <count>", "how many", "20"]],
    load: lazy(
      () => import("./commands/deployments.ts"),
      (module) => module.deployments,
    ),
  },
  {
    usage: "environments",
    summary: "list the environments in order of promotion",
    load: lazy(
      () => import("./commands/environments.ts"),
      (module) => module.environments,
    ),
  },
  {
    usage: "doctor",
    summary: "look for what is wrong with machine and daemon",
    more: "Works without a daemon too. Exit code 1 says that something is wrong.",
    load: lazy(
      () => import("./commands/doctor.ts"),
      (module) => module.doctor,
    ),
  },
];

const changing: readonly Entry[] = [
  {
    usage: "deploy <environment> [release]",
    summary: "deploy a release to an environment",
    more: "Without a release it takes the newest that may go there.",
    options: [follow],
    load: lazy(
      () => import("./commands/deploy.ts"),
      (module) => module.deploy,
    ),
  },
  {
    usage: "lock <environment>",
    summary: "keep deployments out of an environment",
    more: "Deployments wait until it is unlocked. A rollback does not.",
    options: [["--reason <text>", "why, for whoever meets the lock; it needs one"]],
    load: lazy(
      () => import("./commands/environments.ts"),
      (module) => module.lock,
    ),
  },
  {
    usage: "unlock <environment>",
    summary: "let deployments in again",
    load: lazy(
      () => import("./commands/environments.ts"),
      (module) => module.unlock,
    ),
  },
];

const ofAccessLog: NonNullable<Entry["options"]> = [
  ["--access-log", "log every request to access.log"],
  ["--no-access-log", "log none"],
  ["--access-log-sample <part>", "only this part of what went well: 0 to 1"],
];

/** What a daemon is started with, by hand or by systemd. What is not said is as last time. */
const ofDaemon: NonNullable<Entry["options"]> = [
  ["--port <port>", "of the API (default: 7300)"],
  ["--router <which>", "who carries the traffic: local or haproxy (default: local)"],
  ["--router-port <port>", "where the public reaches the services (default: 8080)"],
  ["--router-host <address>", "where the router listens (default: 127.0.0.1)"],
  ["--internal-port <port>", "where the services reach each other (default: 7301)"],
  ["--tls-port <port>", "where the public reaches them over TLS"],
  ["--no-tls-port", "nowhere over TLS"],
  ["--router-workers <count>", "how many processes carry traffic (default: 1)"],
  ["--steps-user <name>", "whom the jobs of workflows run as (root only; default: whoever the daemon is)"],
  ["--container-engine <which>", "what runs containers: auto, podman, the path of a socket, or none (default: none)"],
  ["--cache-limit <GiB>", "what the caches of checks and workflows may take (default: 10; 0 for none)"],
  ...ofAccessLog,
];

const settingUp: readonly Entry[] = [
  {
    usage: "init",
    summary: "write a configuration for this repository",
    more: "Looks for services, their commands, ports and health paths. Never writes over a configuration that is there.",
    options: [["--format <format>", "ts or yaml; by default what fits the repository"]],
    load: lazy(
      () => import("./commands/init.ts"),
      (module) => module.init,
    ),
  },
  {
    usage: "config",
    summary: "the configuration: check, explain, …",
    load: lazy(
      () => import("./commands/config.ts"),
      (module) => module.check,
    ),
    below: [
      {
        usage: "check",
        summary: "list every problem with its place and its fix",
        load: lazy(
          () => import("./commands/config.ts"),
          (module) => module.check,
        ),
      },
      {
        usage: "explain <key>",
        summary: "say what a value is and where it came from",
        load: lazy(
          () => import("./commands/config.ts"),
          (module) => module.explainKey,
        ),
      },
      {
        usage: "options",
        summary: "show the options of fairway up that count",
        more: "Those that were said last, and what is usual for the others.",
        load: lazy(
          () => import("./commands/up.ts"),
          (module) => module.options,
        ),
      },
      {
        usage: "schema",
        summary: "print the JSON schema, for editors",
        load: lazy(
          () => import("./commands/config.ts"),
          (module) => module.schema,
        ),
      },
    ],
  },
  {
    usage: "up",
    summary: "start the daemon for this repository",
    more: "It goes on in the background, and so does what it deploys. Options are remembered: the next time they need not be said again. A port of 0 takes any free one.",
    options: [...ofDaemon, ["--foreground", "stay in this terminal"]],
    load: lazy(
      () => import("./commands/up.ts"),
      (module) => module.up,
    ),
  },
  {
    usage: "install",
    summary: "write a systemd unit for this daemon",
    more: "It starts nothing, and says what does. The services live on while the daemon restarts. Options that are not given are those of the last fairway up.",
    options: [
      ["--user", "for your own systemd instead of the machine's"],
      ["--print", "only print the unit"],
      ...ofDaemon,
    ],
    load: lazy(
      () => import("./commands/install.ts"),
      (module) => module.install,
    ),
  },
  {
    usage: "down",
    summary: "end the daemon, services, router and database",
    options: [["--keep-services", "leave services and router running"]],
    load: lazy(
      () => import("./commands/down.ts"),
      (module) => module.down,
    ),
  },
  {
    usage: "backup <directory>",
    summary: "write a backup of database and release files",
    load: lazy(
      () => import("./commands/backup.ts"),
      (module) => module.backup,
    ),
  },
  {
    usage: "restore <directory>",
    summary: "put a backup in the place of the database",
    more: "The daemon must be down. What was there is kept beside.",
    load: lazy(
      () => import("./commands/restore.ts"),
      (module) => module.restore,
    ),
  },
  {
    usage: "router",
    summary: "what carries traffic: status, maintenance, …",
    load: lazy(
      () => import("./commands/router.ts"),
      (module) => module.routerStatus,
    ),
    below: [
      {
        usage: "status",
        summary: "show its addresses, limits and endpoints",
        load: lazy(
          () => import("./commands/router.ts"),
          (module) => module.routerStatus,
        ),
      },
      {
        usage: "reload",
        summary: "have it read its certificates again",
        more: "All of them, or with a problem none. Connections that are open go on.",
        load: lazy(
          () => import("./commands/router.ts"),
          (module) => module.routerReload,
        ),
      },
      {
        usage: "upgrade",
        summary: "replace it by the installed version, or settings",
        more: "No request fails. Open connections end in their own time at the old one. Options are remembered.",
        options: [["--workers <count>", "how many processes carry traffic"], ...ofAccessLog],
        load: lazy(
          () => import("./commands/router.ts"),
          (module) => module.routerUpgrade,
        ),
      },
      {
        usage: "maintenance <environment> <service>",
        summary: "tell a service's users to come back later",
        more: "They get 503 with the message; its health path, other services and deployments go on. It lasts until --off.",
        options: [
          ["--message <text>", "what users are told"],
          ["--off", "let them in again"],
        ],
        load: lazy(
          () => import("./commands/router.ts"),
          (module) => module.routerMaintenance,
        ),
      },
    ],
  },
  {
    usage: "completion <shell>",
    summary: "print completion for bash, zsh or fish",
    load: lazy(
      () => import("./commands/completion.ts"),
      (module) => module.completion,
    ),
  },
  {
    usage: "version",
    summary: "print the version",
    load:
      async () =>
      async (_args, { json }) => {
        process.stdout.write(json ? `${JSON.stringify({ version })}\n` : `${version}\n`);
      },
  },
];

const groups: readonly (readonly [heading: string, entries: readonly Entry[]])[] = [
  ["Everyday:", everyday],
  ["Looking:", looking],
  ["Changing:", changing],
  ["Setting up:", settingUp],
];

/** The whole command line. The help, the completion scripts and the reference are read off it. */
export function program(): Command {
  const root = new Command("fairway")
    .usage("<command>")
    .description("Takes a commit to production and back.")
    .option("--data <directory>", "the daemon's data directory (default: one per repository)")
    .option("--json", "answer as JSON, for programs")
    .option("-y, --yes", "answer every question with yes")
    .option("--no-color", "without colours; so does NO_COLOR=1")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpCommand(
      new Command("help").argument("[command]").description("print the help of a command").helpGroup("Setting up:"),
    )
    .configureHelp({
      showGlobalOptions: true,
      // Every command takes options; saying so each time hides what it needs.
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(termOf)].join(" "),
    })
    .showSuggestionAfterError()
    .addHelpText("after", "\nExit codes: 0 succeeded, 1 failed, 2 could not find out, 3 waits for a person.");
  refusing(root);
  for (const [heading, entries] of groups) for (const entry of entries) add(root, entry).helpGroup(heading);
  return root;
}

const termOf = (argument: { name(): string; readonly required: boolean }): string =>
  argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;

function add(parent: Command, entry: Entry): Command {
  const command = refusing(parent.command(entry.usage)).summary(entry.summary).description(descriptionOf(entry));
  for (const [flags, description, fallback] of entry.options ?? []) {
    const option = new Option(flags, description);
    command.addOption(fallback === undefined ? option : option.default(fallback));
  }
  for (const below of entry.below ?? []) add(command, below);
  if (entry.below) command.helpCommand(false);
  // One with others below it does something by itself only when it takes words of its own.
  if (entry.below && command.registeredArguments.length === 0) return command;
  return command.action(async (...given: unknown[]) => {
    const args = given.slice(0, -2).filter((value): value is string => typeof value === "string");
    const action = await entry.load();
    const code = await action(args, command.optsWithGlobals());
    process.exitCode = code ?? 0;
  });
}

const descriptionOf = ({ summary, more }: Entry): string =>
  `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.${more ? ` ${more}` : ""}`;

/** What commander finds wrong with the words is thrown, and told in one place like every other refusal. */
function refusing(command: Command): Command {
  return command.configureOutput({ writeErr: () => undefined }).exitOverride((error) => {
    throw error.exitCode === 0 ? error : badUsage(command, error);
  });
}

/** A `bad_request` in all but its class: the class comes with a package that `--help` need not wait for. */
function badUsage(command: Command, error: CommanderError): Error {
  const [said = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const message =
    error.code === "commander.help"
      ? `${pathOf(command)} needs one of: ${command.commands.map((one) => one.name()).join(", ")}`
      : said;
  const meant = suggestion?.replace(/^\(Did you mean (?:one of )?(.*)\?\)$/, "did you mean $1? ") ?? "";
  return Object.assign(new Error(message), {
    code: "bad_request",
    hint: `${meant}see: ${pathOf(command)} --help`,
    retryable: false,
    problems: [],
  });
}

/** The words that lead to a command: `fairway run show`. */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
