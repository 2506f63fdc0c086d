import { expect, test } from "vitest";
import { firstLine, withoutValues } from "./boot-program.ts";

const node = (code: string, within = 60_000): Promise<string> => firstLine(process.execPath, ["-e", code], {}, within);

test("a long line is read whole, also where the program ends at once", async () => {
  expect(await node("process.stdout.write('x'.repeat(300_000) + '\\n')")).toHaveLength(300_000);
});

test("what a program has left behind holds nobody up", async () => {
  const left = "require('node:child_process').spawn('sleep', ['5'], { stdio: 'inherit', detached: true }).unref()";
  expect(await node(`${left}; console.log('well')`)).toBe("well");
});

test("one that says nothing says how it ended, and one that waits is not waited for", async () => {
  await expect(node("console.error('no such table'); process.exit(3)")).rejects.toMatchObject({
    code: "command_failed",
    message: expect.stringMatching(/ended with 3 and said nothing: no such table/) as string,
  });
  await expect(firstLine("/nowhere/nothing", [], {}, 60_000)).rejects.toMatchObject({ code: "command_failed" });
  await expect(node("setInterval(() => {}, 1000)", 50)).rejects.toMatchObject({ code: "deadline_passed" });
});

test("values that a program was given are in nothing that it says last", () => {
  expect(withoutValues("key sk_live_1 of sk_live_12 at 8080", ["sk_live_1", "sk_live_12", "80"])).toBe(
    "key *** of *** at 8080",
  );
});
