import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandWords, quotedWord } from "./command-words.ts";

describe("a command", () => {
  test.each([
    ["node server.mjs", ["node", "server.mjs"]],
    ["  node   --test  ", ["node", "--test"]],
    [`echo 'a b' "c d" e\\ f`, ["echo", "a b", "c d", "e f"]],
    [`echo 'a|b' "x;y" '' "q\\"r"`, ["echo", "a|b", "x;y", "", 'q"r']],
    [`node --test "test/**/*.test.mjs"`, ["node", "--test", "test/**/*.test.mjs"]],
    ["make V=1", ["make", "V=1"]],
    ["pre'fix'ed", ["prefixed"]],
  ])("%s is split into its words", (command, words) => {
    expect(commandWords(command)).toEqual({ words });
  });

  test.each("|&;<>()$`\n".split(""))("with %j outside of quotes needs a shell", (sign) => {
    expect(commandWords(`a ${sign} b`)).toMatchObject({
      code: "shell_syntax",
      fix: `ask for a shell: ["bash", "-c", ${JSON.stringify(`a ${sign} b`)}]`,
    });
  });

  test("with a variable in double quotes needs a shell, in single quotes it is text", () => {
    expect(commandWords('echo "$HOME"')).toMatchObject({ code: "shell_syntax" });
    expect(commandWords("echo '$HOME'")).toEqual({ words: ["echo", "$HOME"] });
  });

  test("that sets variables in front is shown how to do it with env", () => {
    expect(commandWords("A=1 B='x y' node server.mjs --port 1")).toMatchObject({
      code: "shell_syntax",
      fix: 'put it into env: { command: "node server.mjs --port 1", env: { A: "1", B: "x y" } }',
    });
  });

  test.each(["", "   ", "'unclosed", '"unclosed', "ends in \\", "''"])("%j is malformed", (command) => {
    expect(commandWords(command)).toMatchObject({ code: "wrong_value" });
  });

  test("is read back as the words it was written from, whatever is in them", () => {
    const word = fc.string({ unit: "binary" });
    const program = fc.string({ minLength: 1 }).filter((name) => !/^[A-Za-z_][A-Za-z0-9_]*=/u.test(name));
    fc.assert(
      fc.property(program, fc.array(word), (first, rest) => {
        const words = [first, ...rest];
        expect(commandWords(words.map(quotedWord).join(" "))).toEqual({ words });
      }),
    );
  });

  test("never makes the splitter throw", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (command) => void commandWords(command)));
  });
});
