import { describe, expect, it } from "vitest";
import { scriptContents, shellArguments, shellCommand } from "./shells.ts";

describe("the shell of a step", () => {
  it.each([
    ["no shell is bash without pipefail", undefined, true, "bash", "-e {0}", ".sh"],
    ["no shell is sh where there is no bash", undefined, false, "sh", "-e {0}", ".sh"],
    ["an empty shell is none", "", true, "bash", "-e {0}", ".sh"],
    ["bash fails on the first part of a pipe", "bash", true, "bash", "--noprofile --norc -e -o pipefail {0}", ".sh"],
    ["sh", "sh", true, "sh", "-e {0}", ".sh"],
    ["python", "python", true, "python", "{0}", ".py"],
    ["pwsh", "pwsh", true, "pwsh", `-command ". '{0}'"`, ".ps1"],
    ["a format of one's own", "perl -w {0}", true, "perl", "-w {0}", ""],
    ["bash with arguments of one's own", "bash -x {0}", true, "bash", "-x {0}", ".sh"],
  ])("%s", (_, shell, hasBash, program, format, extension) => {
    expect(shellCommand(shell, hasBash)).toEqual({ program, format, extension });
  });

  it.each(["perl", "python3", "bash -x", "zsh"])("%s is refused without a place for the script", (shell) => {
    expect(shellCommand(shell, true)).toEqual({
      problem:
        "Invalid shell option. Shell must be a valid built-in (bash, sh, cmd, powershell, pwsh) or a format string containing '{0}'",
    });
  });
});

describe("the arguments of a shell", () => {
  it.each([
    ["-e {0}", ["-e", "/s.sh"]],
    [`-c "a b" {0}`, ["-c", "a b", "/s.sh"]],
    [String.raw`-c \"a {0}`, ["-c", '"a', "/s.sh"]],
    [`-command ". '{0}'"`, ["-command", ". '/s.sh'"]],
    [`"" {0}`, ["", "/s.sh"]],
    ["{0}\t{0}", ["/s.sh", "/s.sh"]],
  ])("%s", (format, words) => {
    expect(shellArguments(format, "/s.sh")).toEqual(words);
  });

  it("hold a script's path together, blanks and all", () => {
    expect(shellArguments("-e {0}", "/a b/s.sh")).toEqual(["-e", "/a b/s.sh"]);
  });
});

it("a PowerShell script stops at errors and ends with the last program's code", () => {
  expect(scriptContents("pwsh", "x")).toMatch(/^\$ErrorActionPreference = 'stop'\nx\nif .*exit \$LASTEXITCODE \}$/u);
  expect(scriptContents("bash", "x")).toBe("x");
});
