import { afterAll, describe, expect, it } from "vitest";
import { printed, removeTrials, runTrial } from "./testing/trial-job.ts";

afterAll(removeTrials);

describe("variables", () => {
  it("are set by workflow, job and step; the inner wins", async () => {
    const { host } = await runTrial(
      `
env: {B: job, C: "job of \${{ github.ref_name }}"}
steps:
  - run: echo "$A $B $C $D"
    env:
      C: step
      D: \${{ env.A }}
`,
      { workflow: "env: {A: workflow, B: workflow, C: workflow}" },
    );
    expect(host.text("1").split("\n").at(-1)).toBe("workflow job step workflow");
  });

  it("are set for later steps by a file, which is a new one for each step", async () => {
    const { host, end } = await runTrial(`
steps:
  - run: |
      echo "A=1" >> "$GITHUB_ENV"
      echo "A is [$A]"
  - run: |
      test ! -s "$GITHUB_ENV" && echo "A is [$A] and \${{ env.A }}"
  - run: echo "A is [$A]"
    env:
      A: own
`);
    expect(end.result).toBe("success");
    expect(["1", "2", "3"].map((key) => host.text(key).split("\n").at(-1))).toEqual([
      "A is []",
      "A is [1] and 1",
      "A is [own]",
    ]);
  });

  it("are told apart by case", async () => {
    const { host } = await runTrial(`
env: {a: lower}
steps:
  - run: echo "\${{ env.a }}-\${{ env.A }}"
    env: {A: upper}
`);
    expect(host.text("1").split("\n").at(-1)).toBe("lower-upper");
  });

  it("that are exported count although the step failed", async () => {
    const { host } = await runTrial(`
steps:
  - run: |
      echo "A=1" >> "$GITHUB_ENV"
      exit 3
  - if: always()
    run: echo "[$A]"
`);
    expect(host.text("1")).toContain("Process completed with exit code 3.");
    expect(host.text("2").split("\n").at(-1)).toBe("[1]");
  });

  it("may not be NODE_OPTIONS", async () => {
    const { host, end } = await runTrial(`
steps:
  - run: echo "NODE_OPTIONS=-r x" >> "$GITHUB_ENV"
  - run: echo "[$NODE_OPTIONS]"
`);
    expect(end.result).toBe("success");
    expect(host.text("1")).toContain("##[error]Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
    expect(host.text("2").split("\n").at(-1)).toBe("[]");
  });

  it("in a file that cannot be read fail the step, although its script succeeded", async () => {
    const { host, end } = await runTrial(`
steps:
  - run: printf 'A<<END\\nx\\n' >> "$GITHUB_ENV"
`);
    expect(end.result).toBe("failure");
    expect(host.text()).toContain("##[error]Unable to process file command 'env' successfully.");
    expect(host.text()).toContain("##[error]Invalid value. Matching delimiter not found 'END'");
  });

  it("in what is no file any more fail the step: nobody knows what it wanted to leave", async () => {
    const { host, end } = await runTrial('steps:\n  - run: rm "$GITHUB_ENV" && mkdir -p "$GITHUB_ENV/more"');
    expect(end.result).toBe("failure");
    expect(host.text()).toContain("##[error]Could not read the file command 'env': EISDIR");
  });

  it("that hold a NUL byte are refused with the name", async () => {
    const { host, conclusions } = await runTrial(`
steps:
  - run: printf 'A=x\\0y\\n' >> "$GITHUB_ENV"
  - run: echo never
`);
    expect(conclusions).toEqual(["success", "failure"]);
    expect(host.text("2")).toContain('The environment variable "A" cannot be passed');
  });

  it("whose expression cannot be computed fail the step", async () => {
    const { conclusions } = await runTrial(`
steps:
  - run: echo x
    env:
      A: \${{ fromJSON('{') }}
  - run: echo never
`);
    expect(conclusions).toEqual(["failure", "skipped"]);
  });
});

describe("PATH", () => {
  it("begins with what steps put there, the newest first", async () => {
    const { host } = await runTrial(`
steps:
  - run: |
      for name in one two; do
        mkdir $name; printf '#!/bin/sh\\necho %s\\n' $name > $name/which-one; chmod +x $name/which-one
        echo "$PWD/$name" >> "$GITHUB_PATH"
      done
  - run: which-one
  - run: echo "$GITHUB_WORKSPACE/one" >> "$GITHUB_PATH"
  - run: |
      which-one
      echo "$PATH" | tr : '\\n' | grep -c "$GITHUB_WORKSPACE/one"
`);
    expect(printed(host.text("2"))).toBe("two");
    expect(printed(host.text("4"))).toBe("one\n1");
  });

  it("finds the shell, too", async () => {
    const { host } = await runTrial(`
steps:
  - run: |
      mkdir tools; printf '#!/bin/sh\\necho mine\\n' > tools/mine; chmod +x tools/mine
      echo "$PWD/tools" >> "$GITHUB_PATH"
  - run: anything
    shell: mine {0}
`);
    expect(printed(host.text("2"))).toBe("mine");
  });
});

describe("outputs of steps", () => {
  it("are seen by later steps, and by the job", async () => {
    const { host, end } = await runTrial(`
outputs:
  all: \${{ steps.a.outputs.one }}-\${{ steps.a.outputs.two }}
  none: \${{ steps.a.outputs.none }}
steps:
  - id: a
    run: |
      echo "one=1" >> "$GITHUB_OUTPUT"
      printf 'two<<END\\na\\nb\\nEND\\n' >> "$GITHUB_OUTPUT"
  - run: echo "\${{ steps.a.outputs.one }} \${{ steps.a.outcome }} [\${{ steps.later.outputs.x }}]"
  - id: later
    run: echo "x=1" >> "$GITHUB_OUTPUT"
`);
    expect(printed(host.text("2"))).toBe("1 success []");
    expect(end.outputs).toEqual({ all: "1-a\nb" });
  });

  it("of a step without an id are nowhere", async () => {
    const { host } = await runTrial(`
steps:
  - run: echo "one=1" >> "$GITHUB_OUTPUT"
  - run: echo '\${{ toJSON(steps) }}'
`);
    expect(printed(host.text("2"))).toBe("{}");
  });

  it("that hold a secret do not leave the job", async () => {
    const { end, host } = await runTrial(
      `
outputs:
  bad: x\${{ secrets.TOKEN }}x
  worse: \${{ steps.a.outputs.masked }}
  good: fine
steps:
  - id: a
    run: |
      echo "::add-mask::hush-hush"
      echo "masked=hush-hush" >> "$GITHUB_OUTPUT"
`,
      { secrets: { TOKEN: "s3cret-value" } },
    );
    expect(end.outputs).toEqual({ good: "fine" });
    expect(host.text("complete")).toContain("Skip output 'bad' since it may contain secret.");
  });

  it("may be given by commands that are printed", async () => {
    const { end } = await runTrial(`
outputs: {x: "\${{ steps.a.outputs.x }}"}
steps:
  - id: a
    run: 'echo "::set-output name=x::1"'
`);
    expect(end.outputs).toEqual({ x: "1" });
  });
});
