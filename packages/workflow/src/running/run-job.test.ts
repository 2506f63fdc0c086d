import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { printed, removeTrials, runTrial } from "./testing/trial-job.ts";

afterAll(removeTrials);

describe("a script", () => {
  it("runs in bash, which stops at the first error but not inside a pipe", async () => {
    const { conclusions, host } = await runTrial(`
steps:
  - run: |
      false | true
      echo went on
  - run: |
      false
      echo not here
  - run: echo never
`);
    expect(conclusions).toEqual(["success", "failure", "skipped"]);
    expect(host.text("1")).toContain("shell: ");
    expect(printed(host.text("1"))).toBe("went on");
    expect(printed(host.text("2"))).toBe("##[error]Process completed with exit code 1.");
  });

  it("fails inside a pipe when it asks for bash by name", async () => {
    const { conclusions } = await runTrial(`
steps:
  - run: false | true
    shell: bash
`);
    expect(conclusions).toEqual(["failure"]);
  });

  it("shows its first line as its name and its text in colour", async () => {
    const { end, host } = await runTrial(`
steps:
  - run: |

      echo one
      echo two
`);
    expect(end.steps[0]?.name).toBe("Run echo one");
    expect(host.text("1")).toContain("##[group]Run echo one\n\u001B[36;1m\u001B[0m\n\u001B[36;1mecho one\u001B[0m");
  });

  it("takes shell and folder from the job, then from the workflow, when it has none of its own", async () => {
    const { host, end } = await runTrial(
      `
defaults:
  run:
    working-directory: inner
steps:
  - run: mkdir inner
    working-directory: .
  - run: echo "$0 $(basename $PWD)"
  - run: echo "$(basename $PWD)"
    shell: bash
    working-directory: ..
`,
      { workflow: "defaults:\n  run:\n    shell: sh\n    working-directory: outer" },
    );
    expect(end.result).toBe("success");
    expect(host.text("2")).toMatch(/shell: \S*\/sh -e \{0\}/);
    expect(printed(host.text("2"))).toMatch(/\.sh inner$/);
  });

  it("fails when its folder is not there, and says which", async () => {
    const { end, host } = await runTrial(`
steps:
  - run: echo x
    working-directory: nowhere
`);
    expect(end.result).toBe("failure");
    expect(host.text()).toContain(
      `with working directory '${host.folders.workspace}/nowhere'. No such file or directory`,
    );
  });

  it("fails when its shell is not there, or is none", async () => {
    const { host, conclusions } = await runTrial(`
steps:
  - run: x
    shell: no-such-shell {0}
    continue-on-error: true
  - run: x
    shell: perl
`);
    expect(conclusions).toEqual(["success", "failure"]);
    expect(host.text("1")).toContain("##[error]no-such-shell: command not found");
    expect(host.text("2")).toContain("Invalid shell option.");
  });

  it("gets expressions as they are, without quotes around them", async () => {
    const { host } = await runTrial(
      `
steps:
  - run: echo \${{ vars.WORDS }}
`,
      { vars: { WORDS: "a  b; echo c" } },
    );
    expect(printed(host.text("1"))).toBe("a b\nc");
  });

  it("has an empty stdin and no terminal", async () => {
    const { host } = await runTrial(`
steps:
  - run: |
      cat
      test -t 0 || test -t 1 || test -t 2 || echo no terminal
`);
    expect(printed(host.text("1"))).toBe("no terminal");
  });

  it("is told nothing of Fairway's own environment", async () => {
    process.env["FAIRWAY_OWN_SECRET"] = "x";
    try {
      const { host } = await runTrial(`
steps:
  - run: env
`);
      expect(host.text()).not.toContain("FAIRWAY_OWN_SECRET");
    } finally {
      delete process.env["FAIRWAY_OWN_SECRET"];
    }
  });

  it("is told about the job and the event", async () => {
    const { host } = await runTrial(`
steps:
  - id: me
    run: |
      echo "$CI $GITHUB_ACTIONS $GITHUB_REF $GITHUB_JOB $GITHUB_ACTION $RUNNER_OS $RUNNER_NAME"
      test "$GITHUB_WORKSPACE" = "$PWD" && test -d "$RUNNER_TEMP" && test -d "$RUNNER_TOOL_CACHE" && cat "$GITHUB_EVENT_PATH"
`);
    expect(printed(host.text("1"))).toBe("true true refs/heads/main trial me Linux trial\n{}");
  });

  it("cannot be told something else about the job by its env", async () => {
    const { host } = await runTrial(`
steps:
  - run: echo $GITHUB_REF $CI
    env:
      GITHUB_REF: refs/heads/other
      CI: maybe
`);
    expect(host.text("1").split("\n").at(-1)).toBe("refs/heads/main maybe");
  });

  it("leaves its script without a byte order mark in the folder for temporary files", async () => {
    const { host } = await runTrial(`
steps:
  - run: cp "$0" kept && basename "$0"
`);
    expect(readFileSync(join(host.folders.workspace, "kept"))[0]).toBe("c".charCodeAt(0));
    expect(printed(host.text("1"))).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.sh$/);
  });

  it("of another language runs as it is written", async () => {
    const { host } = await runTrial(`
steps:
  - run: console.log(1 + 1)
    shell: node {0}
`);
    expect(printed(host.text("1"))).toBe("2");
  });
});

describe("conditions", () => {
  it("decide by what happened so far", async () => {
    const { end, conclusions } = await runTrial(`
steps:
  - {run: exit 1, id: a}
  - run: echo
  - {run: echo, if: always()}
  - {run: echo, if: failure()}
  - {run: echo, if: success()}
  - {run: echo, if: cancelled()}
  - {run: echo, if: "steps.a.outcome == 'failure'"}
  - {run: echo, if: "always() && steps.a.conclusion == 'failure'"}
  - {run: echo, if: "!cancelled()"}
  - {run: echo, if: "!success()"}
`);
    expect(end.result).toBe("failure");
    expect(conclusions).toEqual([
      "failure",
      "skipped",
      "success",
      "success",
      "skipped",
      "skipped",
      "skipped",
      "success",
      "success",
      "success",
    ]);
  });

  it("see the step's own variables", async () => {
    const { conclusions } = await runTrial(`
steps:
  - {run: echo, if: "env.A == 'yes'", env: {A: "yes"}}
  - {run: echo, if: "env.A == 'yes'", env: {A: "no"}}
`);
    expect(conclusions).toEqual(["success", "skipped"]);
  });

  it("that cannot be computed fail the step", async () => {
    const { conclusions } = await runTrial(`
steps:
  - {run: echo, if: "fromJSON('{')"}
  - run: echo
`);
    expect(conclusions).toEqual(["failure", "skipped"]);
  });

  it("skip a step with outcome and conclusion skipped, and its outputs are empty", async () => {
    const { host } = await runTrial(`
steps:
  - {run: echo, id: a, if: false}
  - run: echo "\${{ steps.a.outcome }} \${{ steps.a.conclusion }} [\${{ steps.a.outputs.x }}]"
`);
    expect(printed(host.text("2"))).toBe("skipped skipped []");
  });
});

describe("hashFiles", () => {
  it("tells the files as they are when the step's turn comes", async () => {
    const { host, conclusions } = await runTrial(`
steps:
  - run: echo one > lock
  - {run: 'echo "\${{ hashFiles(''lock'') }}" > before; echo two > lock', env: {A: "\${{ hashFiles('none') }}"}}
  - {run: 'echo "\${{ hashFiles(''lock'') }}" > after; cmp before after', if: "hashFiles('lock') != '' && hashFiles('none') == ''"}
`);
    expect(conclusions).toEqual(["success", "success", "failure"]);
    expect(host.text("3")).toContain("before after differ");
  });
});

describe("continue-on-error", () => {
  it("keeps the failure as the outcome and goes on", async () => {
    const { end, host } = await runTrial(`
steps:
  - {run: exit 1, id: a, continue-on-error: true}
  - run: echo "\${{ steps.a.outcome }} \${{ steps.a.conclusion }} \${{ job.status }}"
`);
    expect(end.result).toBe("success");
    expect(printed(host.text("2"))).toBe("failure success success");
  });

  it("may be computed", async () => {
    const { end } = await runTrial(`
steps:
  - {run: exit 1, continue-on-error: "\${{ github.ref == 'refs/heads/main' }}"}
  - {run: exit 1, continue-on-error: "\${{ github.ref == 'refs/heads/other' }}"}
`);
    expect(end.steps.map(({ conclusion }) => conclusion)).toEqual(["success", "failure"]);
  });
});

describe("what people see", () => {
  it("has the names of steps computed, and the first line only", async () => {
    const { end } = await runTrial(`
steps:
  - {name: "For \${{ github.ref_name }}\${{ github.sha }}", run: echo}
  - {run: "echo \${{ github.event_name }}"}
`);
    expect(end.steps.map(({ name }) => name)).toEqual([`For ${"a".repeat(40)}`, "Run echo push"]);
  });

  it("has summaries of each step", async () => {
    const { host } = await runTrial(`
steps:
  - run: echo "# Done" >> "$GITHUB_STEP_SUMMARY"
  - run: echo nothing
`);
    expect([...host.summaries]).toEqual([["1", "# Done\n"]]);
  });

  it("has no summary over 1 MiB, which is an error and no failure", async () => {
    const { host, end } = await runTrial(`
steps:
  - run: head -c 1100000 /dev/zero | tr '\\0' x >> "$GITHUB_STEP_SUMMARY"
`);
    expect(end.result).toBe("success");
    expect(host.summaries.size).toBe(0);
    expect([...host.annotations.values()][0]?.message).toContain(
      "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got 1074k.",
    );
  });

  it("has secrets nowhere", async () => {
    const { host } = await runTrial(
      `
steps:
  - run: |
      echo "it is $TOKEN"
      echo "::error::it is $TOKEN"
    env:
      TOKEN: \${{ secrets.TOKEN }}
`,
      { secrets: { TOKEN: "s3cret-value" } },
    );
    expect(host.text()).not.toContain("s3cret-value");
    expect(JSON.stringify([...host.annotations])).not.toContain("s3cret-value");
  });

  it("has a value masked from the line on that asks for it, also in later steps", async () => {
    const { host } = await runTrial(`
steps:
  - run: |
      echo "::add-mask::hush"
      echo "hush now"
  - run: echo hush again
`);
    expect(host.text("1").split("\n").at(-1)).toBe("*** now");
    expect(host.text("2").split("\n").at(-1)).toBe("*** again");
  });

  it("has the address of the environment, unless it holds a secret", async () => {
    const job = (url: string): string => `
environment: {name: production, url: "${url}"}
steps:
  - {id: a, run: 'echo "url=https://x.example" >> "$GITHUB_OUTPUT"'}
`;
    expect((await runTrial(job("${{ steps.a.outputs.url }}"))).end.environmentUrl).toBe("https://x.example");
    const secret = await runTrial(job("https://${{ vars.A }}"), { vars: { A: "s3cret" }, secrets: { T: "s3cret" } });
    expect(secret.end).not.toHaveProperty("environmentUrl");
  });

  it("has the matchers of a step also in the steps after it", async () => {
    const { host } = await runTrial(`
steps:
  - run: |
      echo '{"problemMatcher":[{"owner":"o","pattern":[{"regexp":"^bad: (.*)$","message":1}]}]}' > m.json
      echo "::add-matcher::m.json"
  - run: 'echo "bad: this"'
`);
    expect([...host.annotations.values()]).toMatchObject([{ step: "2", level: "error", message: "this" }]);
  });
});

describe("bad output", () => {
  it("of bytes that are no text leaves the job healthy", async () => {
    const { end, host } = await runTrial(`
steps:
  - run: |
      printf '\\377\\376\\0\\1\\033[31m\\n'
      head -c 100000 /dev/urandom
      printf '\\n::set-output name=a::\\0x\\n'
  - run: echo fine
`);
    expect(end.result).toBe("success");
    expect(printed(host.text("2"))).toBe("fine");
  });

  it("that ends without a line break is kept", async () => {
    const { host } = await runTrial(`
steps:
  - run: printf end
`);
    expect(printed(host.text("1"))).toBe("end");
  });

  it("of a process left in the background does not hold up the job", async () => {
    const { end } = await runTrial(`
steps:
  - run: |
      sleep 1000 &
      nohup sleep 1000 > /dev/null 2>&1 &
      echo done
`);
    expect(end.result).toBe("success");
  });
});

it("files of commands are taken away when the step is recorded", async () => {
  const { host } = await runTrial(`
steps:
  - id: a
    run: echo "file=$GITHUB_OUTPUT" >> "$GITHUB_OUTPUT"
  - id: b
    run: test ! -e "\${{ steps.a.outputs.file }}" && rm -r "$(dirname "$GITHUB_OUTPUT")"
  - run: test -e "$GITHUB_OUTPUT"
`);
  expect(host.text("3")).not.toContain("##[error]");
  expect(existsSync(join(host.folders.temp, "_runner_file_commands/set_env_3"))).toBe(false);
});
