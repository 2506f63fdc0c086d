import { FairwayError } from "@fairway/core";
import { commandNames } from "../program.ts";

const names = (): readonly string[] => commandNames().map(({ usage }) => usage.split(" ")[0] ?? usage);
const options = "--data --json --yes --no-color --help";

const scripts: Readonly<Record<string, () => string>> = {
  bash: () => `_fairway() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[1]}" in
${belowOf(({ name, below }) => `    ${name}) [ "$COMP_CWORD" -eq 2 ] && { COMPREPLY=($(compgen -W "${below.join(" ")}" -- "$word")); return; } ;;`)}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${names().join(" ")} ${options}" -- "$word"))
  else COMPREPLY=($(compgen -W "${options}" -- "$word")); fi
}
complete -F _fairway fairway
`,
  zsh: () => `#compdef fairway
_fairway() {
  local -a commands
  commands=(
${commandNames().map(({ usage, summary }) => `    '${usage.split(" ")[0]}:${summary.replaceAll("'", "’").replaceAll(":", "\\:")}'`).join("\n")}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[2]" in
${belowOf(({ name, below }) => `    ${name}) (( CURRENT == 3 )) && compadd ${below.join(" ")} ;;`)}
  esac
}
compdef _fairway fairway
`,
  fish: () =>
    [
      "complete -c fairway -f",
      ...commandNames().map(({ usage, summary }) => `complete -c fairway -n __fish_use_subcommand -a ${usage.split(" ")[0]} -d '${summary.replaceAll("'", "’")}'`),
      belowOf(({ name, below }) => `complete -c fairway -n '__fish_seen_subcommand_from ${name}' -a '${below.join(" ")}'`),
      "",
    ].join("\n"),
};

/** `fairway completion`: to be evaluated by the shell. */
export async function completion([shell = ""]: readonly string[]): Promise<void> {
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (!script) throw new FairwayError("bad_request", `there is no completion for "${shell}"`, { hint: "bash, zsh or fish" });
  process.stdout.write(script());
}

function belowOf(line: (entry: { readonly name: string; readonly below: readonly string[] }) => string): string {
  return commandNames()
    .filter(({ below }) => below.length > 0)
    .map(({ usage, below }) => line({ name: usage, below: below.map((entry) => entry.split(" ")[0] ?? entry) }))
    .join("\n");
}
