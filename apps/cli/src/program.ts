import type { CommanderError } from "commander";
import { Command, Option } from "commander";
import { changing } from "./program/changing.ts";
import type { Entry } from "./program/entry.ts";
import { everyday } from "./program/everyday.ts";
import { looking } from "./program/looking.ts";
import { operations } from "./program/operations.ts";
import { people } from "./program/people.ts";
import { settingUp } from "./program/setting-up.ts";
import { version } from "./version.ts";

/** Read from top to bottom as the help is; each heading has its file. */
const groups: readonly (readonly [heading: string, entries: readonly Entry[]])[] = [
  ["Everyday:", everyday],
  ["Looking:", looking],
  ["Changing:", changing],
  ["Operations:", operations],
  ["People:", people],
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
  // One with others below it does something by itself only when it takes words or options of its own.
  if (entry.below && command.registeredArguments.length === 0 && entry.options === undefined) return command;
  return command.action(async (...given: unknown[]) => {
    const args = given
      .slice(0, -2)
      .flat()
      .filter((value): value is string => typeof value === "string");
    const action = await entry.load();
    const code = await action(args, command.optsWithGlobals<never>());
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
