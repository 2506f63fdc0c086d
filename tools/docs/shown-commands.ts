import type { program } from "../../apps/cli/src/program.ts";

type Command = ReturnType<typeof program>;

/** The `fairway …` lines that a page shows, in its blocks of shell and in its sentences, each as its words. */
export function shownCommands(text: string): readonly (readonly string[])[] {
  const blocks = [...text.matchAll(/^```(?:sh|console)\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) =>
    block.split("\n"),
  );
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "");
  const sentences = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  // In a sentence the name of a command is enough; in a block everything that it needs must be there.
  const inBlocks = blocks.map((line) => wordsOf(line.replace(/^\s*\$ /, ""))).filter(([first]) => first === "fairway");
  const inSentences = sentences.filter((code) => code.startsWith("fairway ")).map((code) => [...wordsOf(code), "…"]);
  return [...inSentences, ...inBlocks];
}

/** The words of the first command of a line; what follows a comment, a pipe or a semicolon is another's. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const end = words.findIndex((word) => /^(#|\||&&|;|>|\\)/.test(word));
  return end === -1 ? words : words.slice(0, end);
}

/** What is wrong with a command that is shown; nothing when it could be typed like that. */
export function wrongWith(root: Command, shown: readonly string[]): readonly string[] {
  const line = shown.filter((word) => word !== "…").join(" ");
  const abridged = shown.at(-1) === "…";
  let command = root;
  let operands = 0;
  const rest = shown.slice(1).filter((word) => word !== "…" && word !== "[options]");
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? "";
    if (word.startsWith("-")) {
      const [flag = ""] = word.split("=");
      const option = optionOf(command, flag);
      if (option === undefined) return [`${line}: there is no ${flag}`];
      if (option.takesValue && !word.includes("=")) index++;
      continue;
    }
    if (command.commands.length > 0) {
      if (/^[<[A-Z]/.test(word)) return [];
      const below = command.commands.find((one) => one.name() === word);
      // A command may take an argument and have others below it.
      if (!below && command.registeredArguments.length > 0) {
        operands++;
        continue;
      }
      if (!below && !(command === root && word === "help")) return [`${line}: there is no ${word}`];
      if (!below) return [];
      command = below;
    } else operands++;
  }
  if (operands > command.registeredArguments.length)
    return [`${line}: takes no more than ${command.registeredArguments.length}`];
  const missing = command.registeredArguments.filter((argument, index) => argument.required && index >= operands);
  return abridged ? [] : missing.map((argument) => `${line}: ${argument.name()} is missing`);
}

/** An option of a command or of all commands; undefined when there is none of that name. */
function optionOf(command: Command, flag: string): { readonly takesValue: boolean } | undefined {
  if (flag === "--help" || flag === "-h") return { takesValue: false };
  for (let at: Command | null = command; at; at = at.parent) {
    const found = at.options.find(({ long, short }) => long === flag || short === flag);
    if (found) return { takesValue: found.required };
  }
  return undefined;
}
