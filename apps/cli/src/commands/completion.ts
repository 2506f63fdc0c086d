import { FairwayError } from "@fairway/core";
import type { Command } from "commander";
import { program } from "../program.ts";

/** What may follow the words so far: `["run"]` is followed by `show`, `watch` … and the options of `run`. */
interface Place {
  readonly words: readonly string[];
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly { readonly flag: string; readonly description: string; readonly takesValue: boolean }[];
}

/** `fairway completion`: a script to be evaluated by the shell. */
export async function completion([shell = ""]: readonly string[]): Promise<void> {
  process.stdout.write(completionScript(shell));
}

/** The completion script of a shell. Throws `bad_request` for a shell that has none. */
export function completionScript(shell: string): string {
  switch (shell) {
    case "bash":
      return bash(places());
    case "zsh":
      return zsh(places());
    case "fish":
      return fish(places());
    default:
      throw new FairwayError("bad_request", `there is no completion for "${shell}"`, { hint: "bash, zsh or fish" });
  }
}

/** Every place on the command line, the outermost first. */
function places(): readonly Place[] {
  const root = program();
  const help = root.createHelp();
  const global = optionsOf(root);
  const below = (command: Command, words: readonly string[]): readonly Place[] => {
    const commands = help.visibleCommands(command).filter((one) => one.name() !== "help");
    const own = command === root ? [] : optionsOf(command);
    return [
      {
        words,
        commands: commands.map((one) => ({ name: one.name(), summary: one.summary() })),
        options: [...own, ...global],
      },
      ...commands.flatMap((one) => below(one, [...words, one.name()])),
    ];
  };
  return below(root, []);
}

const optionsOf = (command: Command): Place["options"] =>
  command.options.flatMap(({ long, description, required }) =>
    long ? [{ flag: long, description, takesValue: required }] : [],
  );

/** The commands that have others below them; what follows the others are arguments, which only the daemon knows. */
const groupsOf = (all: readonly Place[]): readonly string[] =>
  all.filter(({ words, commands }) => words.length > 0 && commands.length > 0).map(({ words }) => words.join(" "));

/** The options whose next word is their value, and no command. */
const valuedOf = (all: readonly Place[]): readonly string[] => [
  ...new Set(all.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue).map(({ flag }) => flag))),
];

function bash(all: readonly Place[]): string {
  const cases = all.map(({ words, commands, options }) => {
    const offered = [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag), "--help"].join(" ");
    return `    "${words.join(" ")}") COMPREPLY=($(compgen -W "${offered}" -- "$word")) ;;`;
  });
  return `# Completion of fairway for bash. Use it with: source <(fairway completion bash)
_fairway() {
  local word="\${COMP_WORDS[COMP_CWORD]}" place="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
      ${valuedOf(all).join("|")}) ((index++)) ;;
      -*) ;;
      *)
        case "$place" in
          ""|${groupsOf(all)
            .map((group) => `"${group}"`)
            .join("|")}) place="\${place:+$place }\${COMP_WORDS[index]}" ;;
        esac ;;
    esac
  done
  case "$place" in
${cases.join("\n")}
  esac
}
complete -o default -F _fairway fairway
`;
}

function zsh(all: readonly Place[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "’")}'`;
  const described = (name: string, text: string): string => quoted(`${name}:${text.replaceAll(":", "\\:")}`);
  const cases = all.map(
    ({ words, commands, options }) => `    ${quoted(words.join(" "))})
      offered=(${[...commands.map(({ name, summary }) => described(name, summary)), ...options.map(({ flag, description }) => described(flag, description)), described("--help", "print its help")].join(" ")}) ;;`,
  );
  return `#compdef fairway
# Completion of fairway for zsh. Use it with: source <(fairway completion zsh)
_fairway() {
  local -a offered
  local place=""
  local -i index
  for ((index = 2; index < CURRENT; index++)); do
    case "$words[index]" in
      ${valuedOf(all).join("|")}) ((index++)) ;;
      -*) ;;
      *)
        case "$place" in
          ""|${groupsOf(all).map(quoted).join("|")}) place="\${place:+$place }$words[index]" ;;
        esac ;;
    esac
  done
  case "$place" in
${cases.join("\n")}
  esac
  _describe fairway offered || _files
}
(( \${+functions[compdef]} )) && compdef _fairway fairway
`;
}

function fish(all: readonly Place[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "’")}'`;
  const lines = all.flatMap(({ words, commands, options }) => {
    const names = commands.map(({ name }) => name).join(" ");
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const here = quoted(
      words.length === 0
        ? "__fish_use_subcommand"
        : [...seen, ...(names ? [`not __fish_seen_subcommand_from ${names}`] : [])].join("; and "),
    );
    return [
      ...commands.map(({ name, summary }) => `complete -c fairway -f -n ${here} -a ${name} -d ${quoted(summary)}`),
      ...options.map(
        ({ flag, description, takesValue }) =>
          `complete -c fairway -n ${here} -l ${flag.slice(2)}${takesValue ? " -r" : ""} -d ${quoted(description)}`,
      ),
    ];
  });
  return `# Completion of fairway for fish. Use it with: fairway completion fish | source\n${lines.join("\n")}\n`;
}
