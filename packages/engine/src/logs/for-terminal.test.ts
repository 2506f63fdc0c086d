import fc from "fast-check";
import { expect, it } from "vitest";
import { forTerminal } from "./for-terminal.ts";

it.each([
  ["a window title", "a\u001b]0;pwned\u0007b", "ab"],
  ["a link", "\u001b]8;;http://evil\u001b\\click\u001b]8;;\u001b\\", "click"],
  ["a title that does not end", "a\u001b]0;rest\nnext", "a\nnext"],
  ["an erased line", "secret\u001b[2K\rok", "secret␍ok"],
  ["eight-bit controls", "a\u009b2Jb\u009d0;x\u009cc\u0085", "abc\ufffd"],
  ["colours", "\u001b[31mred\u001b[0m", "red"],
  ["line ends of Windows", "a\r\nb\r", "a\nb"],
  ["a turned direction", "a\u202egnp.exe", "a<U+202E>gnp.exe"],
  ["what joins when its middle is taken away", "\u001b\u001b]x\u0007[2J", "[2J"],
  ["NUL, bell and backspace", "a\0b\u0007c\b", "a␀b␇c␈"],
  ["tabs and line ends", "\ta\n", "\ta\n"],
])("%s", (_what, text, shown) => {
  expect(forTerminal(text)).toBe(shown);
});

it("keeps colours when asked, resets them, and lets nothing else through", () => {
  expect(forTerminal("\u001b[1;31mred\u001b[2J\u001b[>0m", { colours: true })).toBe("\u001b[1;31mred\u001b[0m");
  expect(forTerminal("plain", { colours: true })).toBe("plain");
});

it("leaves no control character but tab and line end, whatever comes", () => {
  const unit = fc.constantFrom(
    "\u001b",
    "[",
    "]",
    "\u009b",
    "\u0007",
    "m",
    "3",
    ";",
    "\\",
    "\n",
    "\t",
    "a",
    "\u202e",
    "\r",
    "\u0090",
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
      // oxlint-disable-next-line no-control-regex -- what must not be left
      expect(forTerminal(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      // oxlint-disable-next-line no-control-regex -- what must not be left
      expect(forTerminal(text, { colours: true }).replace(/\u001b\[[\d;:]*m/g, "")).not.toMatch(/[\u001b\u009b]/);
    }),
    { numRuns: 2_000 },
  );
});

it("takes time in proportion to the text", () => {
  // CPU time, as other tests run beside; 0.3 s, where a quadratic pattern would take minutes.
  const begin = process.cpuUsage().user;
  for (const part of ["\u001b]0;", "\u001b[", "\u001b[0;", "\r", "\u001b[ "]) forTerminal(part.repeat(50_000));
  expect((process.cpuUsage().user - begin) / 1000).toBeLessThan(5_000);
});
