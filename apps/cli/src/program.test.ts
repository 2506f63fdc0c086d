import { readFileSync } from "node:fs";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { pathOf, program } from "./program.ts";
import { completionScript } from "./commands/completion.ts";
import type { Command } from "commander";

const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];

/** The help of a command in a terminal of 80 columns. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ getOutHelpWidth: () => 80, writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

/** What a line of words is refused with. */
async function refusalOf(...words: string[]): Promise<unknown> {
  return program()
    .parseAsync(words, { from: "user" })
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
}

test("a command with options of its own does something by itself, though there are others below it", async () => {
  const said = await refusalOf("notices", "--dead", "--data", "/nowhere/at/all");
  expect(said).not.toMatchObject({ message: expect.stringContaining("needs one of") as string });
  expect(await refusalOf("notices", "word")).toMatchObject({ code: "bad_request" });
  const silent = all(program()).filter(
    (command) => command.commands.length > 0 && command.options.length > 0 && pathOf(command) !== "fairway",
  );
  expect(silent.map(pathOf)).toContain("fairway notices");
});

describe("help", () => {
  test("lists the commands by what one wants, and fits 80 columns without a break", () => {
    const help = helpOf(program());
    expect(help.match(/^[A-Z].*:$/gm)).toEqual([
      "Options:",
      "Everyday:",
      "Looking:",
      "Changing:",
      "Operations:",
      "People:",
      "Setting up:",
    ]);
    const commands = help
      .slice(help.indexOf("Everyday:"))
      .split("\n")
      .filter((line) => line.startsWith("  "));
    expect(commands.filter((line) => !/^ {2}\w/.test(line))).toEqual([]);
  });

  test.each(all(program()).map((command) => [pathOf(command), command] as const))(
    "of %s fits 80 columns",
    (_path, command) => {
      const widest = Math.max(
        ...helpOf(command)
          .split("\n")
          .map((line) => stringWidth(line)),
      );
      expect(widest).toBeLessThanOrEqual(80);
    },
  );

  test("says of every command and option what it is", () => {
    const silent = all(program()).flatMap((command) => [
      ...(/^[A-Z].*\.$/.test(command.description()) || command.name() === "help" ? [] : [pathOf(command)]),
      ...command.options.filter(({ description }) => !description).map(({ flags }) => `${pathOf(command)} ${flags}`),
    ]);
    expect(silent).toEqual([]);
  });

  test("gives no flag a second meaning in another place", () => {
    const flagsOf = (command: Command): readonly (string | undefined)[] =>
      command.options.flatMap(({ short, long }) => [short, long]);
    const global = flagsOf(program()).filter((flag) => flag !== undefined);
    const clashes = all(program())
      .slice(1)
      .filter((command) => flagsOf(command).some((flag) => flag !== undefined && global.includes(flag)));
    expect(clashes.map(pathOf)).toEqual([]);
  });
});

// Each package more is seen in every call: measuring text alone took as long to load as Node takes to start.
test("what every call loads is the program and nothing that it does not need", () => {
  const importsOf = (file: string): readonly string[] =>
    [...readFileSync(new URL(file, import.meta.url), "utf8").matchAll(/^import (?!type)[^;]*from "([^"]+)";$/gm)].map(
      ([, from = ""]) => from,
    );
  expect(importsOf("./main.ts")).toEqual(["./program.ts"]);
  const [packages, own] = [(from: string) => !from.startsWith("."), (from: string) => from.startsWith("./program/")];
  expect(importsOf("./program.ts").filter(packages)).toEqual(["commander"]);
  for (const area of importsOf("./program.ts").filter(own))
    for (const from of importsOf(area)) expect(from).toMatch(/^(?:\.\/[a-z-]+|\.\.\/version)\.ts$/u);
  expect(importsOf("./version.ts")).toEqual(["node:fs"]);
});

describe("words that make no sense are refused", () => {
  test("an unknown command, with the one that was meant", async () => {
    expect(await refusalOf("relase")).toMatchObject({
      code: "bad_request",
      message: "unknown command 'relase'",
      hint: "did you mean release? see: fairway --help",
    });
    expect(await refusalOf("run", "shw")).toMatchObject({ hint: "did you mean show? see: fairway run --help" });
  });

  test("an unknown option, with the help of the command it was given to", async () => {
    expect(await refusalOf("logs", "--folow")).toMatchObject({
      code: "bad_request",
      hint: "did you mean --follow? see: fairway logs --help",
    });
  });

  test("a missing or a superfluous argument", async () => {
    expect(await refusalOf("deploy")).toMatchObject({ message: "missing required argument 'environment'" });
    expect(await refusalOf("status", "production")).toMatchObject({ code: "bad_request" });
  });

  test("a group without the command in it", async () => {
    expect(await refusalOf("run")).toMatchObject({ message: "fairway run needs one of: show, watch, cancel, retry" });
  });
});

describe("completion", () => {
  const paths = all(program())
    .slice(1)
    .filter((command) => command.name() !== "help");

  test.each(["bash", "zsh", "fish"])("for %s knows every command and every option", (shell) => {
    const script = completionScript(shell);
    for (const command of paths) {
      expect(script).toContain(command.name());
      for (const { long = "" } of command.options)
        expect(script).toContain(shell === "fish" ? `-l ${long.slice(2)}` : long);
    }
  });

  test("for another shell is refused, with those there are", () => {
    expect(() => completionScript("tcsh")).toThrow(
      expect.objectContaining({ code: "bad_request", hint: "bash, zsh or fish" }),
    );
  });
});
