import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { JobHost } from "./job-host.ts";
import type { MemoryHost } from "./testing/memory-host.ts";
import { removeTrials, runTrial, type Trial, type TrialOptions } from "./testing/trial-job.ts";

afterAll(removeTrials);

type Files = Readonly<Record<string, string>>;

function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Runs a job with local actions in its workspace and others, by `owner/name`, where the host gets them from. */
async function runWith(files: Files, job: string, options: TrialOptions = {}): Promise<Trial> {
  const remote: JobHost["action"] = async ({ repository }) => ({
    folder: join(folder, repository),
    sha: "b".repeat(40),
  });
  let folder = "";
  return runTrial(job, {
    action: remote,
    ...options,
    before: async (host: MemoryHost) => {
      folder = join(host.folder, "remote");
      write(host.folders.workspace, files);
      write(folder, files);
      await options.before?.(host);
    },
  });
}

/** The last lines of a log: what came after the header. */
const tail = (log: string, count: number): readonly string[] => log.split("\n").slice(-count);

const js = (main: string, more = ""): Files => ({
  "own/js/action.yml": `runs: {using: node20, main: main.js${more}}\ninputs:\n  who: {default: "\${{ github.ref_type }}nobody"}\n  with blank: {default: b}\n  fetch-depth: {default: "1"}\n`,
  "own/js/main.js": main,
});

describe("a JavaScript action", () => {
  it("gets its inputs and their defaults as variables", async () => {
    const { host, end } = await runWith(
      js("console.log(process.env['INPUT_WHO'], process.env['INPUT_WITH_BLANK'], process.env['INPUT_FETCH-DEPTH'])"),
      "steps:\n  - {uses: own/js@v1, with: {WHO: me}}\n  - uses: own/js@v1",
    );
    expect(end.result).toBe("success");
    expect(tail(host.text("1"), 1)).toEqual(["me b 1"]);
    expect(tail(host.text("2"), 1)).toEqual(["nobody b 1"]);
  });

  it("is warned of inputs that it does not have", async () => {
    const { host, end } = await runWith(js(""), "steps:\n  - {uses: own/js@v1, with: {what: x}}");
    expect(end.result).toBe("success");
    expect(host.text()).toContain(
      "##[warning]Unexpected input(s) 'what', valid inputs are ['who', 'with blank', 'fetch-depth']",
    );
  });

  it("fails by its exit code, and says itself what is wrong", async () => {
    const { host, end } = await runWith(
      js("console.log('::error::bad'); process.exitCode = 1"),
      "steps:\n  - uses: own/js@v1",
    );
    expect(end.result).toBe("failure");
    expect(tail(host.text("1"), 1)).toEqual(["##[error]bad"]);
  });

  it("runs in the workspace and knows where it comes from", async () => {
    const { host } = await runWith(
      js(
        "const e = process.env; console.log(process.cwd() === e.GITHUB_WORKSPACE, e.GITHUB_ACTION_REPOSITORY, e.GITHUB_ACTION_REF)",
      ),
      "steps:\n  - uses: own/js@v1",
    );
    expect(tail(host.text("1"), 1)).toEqual(["true own/js v1"]);
  });

  it("is told the addresses of cache and artifacts, which a script is not", async () => {
    const services = { resultsUrl: "http://results/", token: "token", identity: { url: "http://id", token: "it" } };
    const show =
      "console.log(process.env.ACTIONS_RESULTS_URL, process.env.ACTIONS_CACHE_SERVICE_V2, process.env.ACTIONS_ID_TOKEN_REQUEST_URL)";
    const { host } = await runWith(
      js(show),
      'steps:\n  - uses: own/js@v1\n  - run: echo "[$ACTIONS_RESULTS_URL$ACTIONS_RUNTIME_TOKEN] $ACTIONS_ID_TOKEN_REQUEST_URL"',
      { around: { services } },
    );
    expect(tail(host.text("1"), 1)).toEqual(["http://results/ True http://id"]);
    expect(tail(host.text("2"), 1)).toEqual(["[] http://id"]);
  });

  it("cleans up after the job's steps with its state, the last action first", async () => {
    const files = (name: string): Files => ({
      [`own/${name}/action.yml`]: "runs: {using: node20, main: main.js, post: post.js}\n",
      [`own/${name}/main.js`]: `require("node:fs").appendFileSync(process.env.GITHUB_STATE, "who=${name}\\n"); console.log("::save-state name=by::${name}")`,
      [`own/${name}/post.js`]: "console.log('post of', process.env.STATE_who, process.env.STATE_by)",
    });
    const { host, end } = await runWith(
      { ...files("a"), ...files("b") },
      "steps:\n  - uses: own/a@v1\n  - uses: own/b@v1\n  - run: exit 1\n",
    );
    expect(end.steps.map(({ name, conclusion }) => [name, conclusion])).toEqual([
      ["Run own/a@v1", "success"],
      ["Run own/b@v1", "success"],
      ["Run exit 1", "failure"],
      ["Post Run own/b@v1", "success"],
      ["Post Run own/a@v1", "success"],
    ]);
    expect(tail(host.text("post-1"), 2)).toEqual(["Post job cleanup.", "post of a a"]);
    expect(tail(host.text("post-2"), 1)).toEqual(["post of b b"]);
  });

  it("cleans up only if it began, and if its condition holds", async () => {
    const action = (condition: string): string =>
      `runs: {using: node20, main: main.js, post: main.js, post-if: "${condition}"}\n`;
    const { end } = await runWith(
      {
        "own/a/action.yml": action("success()"),
        "own/a/main.js": "",
        "own/b/action.yml": action("failure()"),
        "own/b/main.js": "",
      },
      "steps:\n  - uses: own/a@v1\n  - uses: own/b@v1\n  - run: exit 1\n  - uses: own/a@v1\n",
    );
    expect(end.steps.map(({ key, conclusion }) => `${key} ${conclusion}`)).toEqual([
      "1 success",
      "2 success",
      "3 failure",
      "4 skipped",
      "post-2 success",
      "post-1 skipped",
    ]);
  });

  it("prepares before the job's first step", async () => {
    const { host, end } = await runWith(
      {
        "own/js/action.yml": "runs: {using: node20, pre: pre.js, main: main.js, post: main.js}\n",
        "own/js/pre.js": "console.log('::save-state name=a::prepared')",
        "own/js/main.js": "console.log(process.env.STATE_a)",
      },
      "steps:\n  - run: echo first\n  - uses: own/js@v1",
    );
    expect(end.steps.map(({ name }) => name)).toEqual([
      "Pre Run own/js@v1",
      "Run echo first",
      "Run own/js@v1",
      "Post Run own/js@v1",
    ]);
    expect(tail(host.text("2"), 1)).toEqual(["prepared"]);
  });
});

describe("a local action", () => {
  it("is read when its turn comes, because a step may have just made it", async () => {
    const { end, host } = await runTrial(`
steps:
  - run: |
      mkdir -p .github/hello
      printf 'runs: {using: composite, steps: [{run: echo hello, shell: sh}]}\\n' > .github/hello/action.yml
  - uses: ./.github/hello
`);
    expect(end.result).toBe("success");
    expect(tail(host.text("2"), 1)).toEqual(["hello"]);
  });

  it("that is not there fails the step with a hint", async () => {
    const { end, host } = await runTrial("steps:\n  - uses: ./nowhere\n  - {run: echo, if: always()}");
    expect(end.steps.map(({ conclusion }) => conclusion)).toEqual(["failure", "success"]);
    expect(host.text("1")).toContain(
      `Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '${host.folders.workspace}/nowhere'. Did you forget to run actions/checkout before running your local action?`,
    );
  });

  it("does not prepare, which is said", async () => {
    const { host } = await runWith(
      { "js/action.yml": "runs: {using: node20, pre: main.js, main: main.js}\n", "js/main.js": "" },
      "steps:\n  - uses: ./js",
    );
    expect(host.text()).toContain("`pre` execution is not supported for local action from './js'");
  });

  it("that is malformed says where", async () => {
    const { host } = await runWith({ "a/action.yml": "runs: {using: nonsense}\n" }, "steps:\n  - uses: ./a");
    expect(host.text()).toMatch(/##\[error\].*a\/action\.yml:1:/);
  });
});

describe("an action of another repository", () => {
  it("that cannot be had fails the job before its first step", async () => {
    const { end, host } = await runTrial("steps:\n  - run: echo\n  - uses: some/thing@v1");
    expect(end).toMatchObject({ result: "failure", steps: [{ name: "Set up job", conclusion: "failure" }] });
    expect(host.text("setup")).toContain("##[error]the lock has no some/thing@v1");
  });

  it("that another one uses is looked for before the job's first step, too", async () => {
    const { end, host } = await runWith(
      { "own/outer/action.yml": "runs: {using: composite, steps: [{uses: own/missing@v1}]}\n" },
      "steps:\n  - run: echo\n  - uses: own/outer@v1",
    );
    expect(end.steps.map(({ name }) => name)).toEqual(["Set up job"]);
    expect(host.text("setup")).toContain("for action 'own/missing@v1'");
  });

  it("without action.yml fails the job before its first step", async () => {
    const { host } = await runWith({ "own/x/readme": "" }, "steps:\n  - uses: own/x@v1");
    expect(host.text("setup")).toContain(
      "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' for action 'own/x@v1'.",
    );
  });

  it.each(["docker://alpine:3", "own/image@v1"])(
    "that is a container (%s) is refused with what to do",
    async (uses) => {
      const { end, host } = await runWith(
        { "own/image/action.yml": "runs: {using: docker, image: Dockerfile}\n" },
        `steps:\n  - uses: ${uses}`,
      );
      expect(end.result).toBe("failure");
      expect(host.text()).toContain("no container engine is configured");
    },
  );
});

const composite = (steps: string, more = ""): Files => ({
  "c/action.yml": `${more}\nruns:\n  using: composite\n  steps:\n${steps.replace(/^\n/, "").replaceAll(/^/gm, "    ")}\n`,
});

describe("a composite action", () => {
  it("has inputs, outputs and steps of its own", async () => {
    const { host } = await runWith(
      composite(
        `
- id: a
  shell: bash
  run: |
    echo "x=\${{ inputs.who }} [\${{ steps.outer.outputs.x }}]" >> "$GITHUB_OUTPUT"
    echo "path \${{ github.action_path }} $GITHUB_ACTION_PATH"`,
        `inputs: {who: {default: nobody}}\noutputs: {greeting: {value: "hello \${{ steps.a.outputs.x }}"}}`,
      ),
      `
steps:
  - {id: outer, run: 'echo "x=1" >> "$GITHUB_OUTPUT"'}
  - {id: c, uses: ./c, with: {who: me}}
  - run: echo "\${{ steps.c.outputs.greeting }} [\${{ steps.a.outputs.x }}]"
`,
    );
    const folder = join(host.folders.workspace, "c");
    expect(tail(host.text("2"), 1)).toEqual([`path ${folder} ${folder}`]);
    expect(tail(host.text("3"), 1)).toEqual(["hello me [] []"]);
  });

  it("gives its outputs although a step failed", async () => {
    const { end } = await runWith(
      composite(
        `
- {id: a, shell: sh, run: 'echo "x=1" >> "$GITHUB_OUTPUT"'}
- {shell: sh, run: exit 3}
- {shell: sh, run: echo never}`,
        `outputs: {x: {value: "\${{ steps.a.outputs.x }}"}}`,
      ),
      `
outputs: {x: "\${{ steps.c.outputs.x }}", outcome: "\${{ steps.c.outcome }}"}
steps:
  - {id: c, uses: ./c}
`,
    );
    expect(end).toMatchObject({ result: "failure", outputs: { x: "1", outcome: "failure" } });
  });

  it("decides inside by what happened inside", async () => {
    const { host, end } = await runWith(
      composite(`
- {shell: sh, run: echo went on}
- {shell: sh, run: exit 1}
- {shell: sh, run: echo after failure, if: failure()}
- {shell: sh, run: echo never}
- {shell: sh, run: echo at last, if: always()}`),
      "steps:\n  - run: exit 1\n  - {uses: ./c, if: failure()}",
    );
    const lines = host
      .text("2")
      .split("\n")
      .filter((line) => /^(?:went|after|never|at)/.test(line));
    expect(lines).toEqual(["went on", "after failure", "at last"]);
    expect(end.steps[1]?.conclusion).toBe("failure");
  });

  it("may forgive a step inside", async () => {
    const { end, host } = await runWith(
      composite(`
- {id: a, shell: sh, run: exit 1, continue-on-error: true}
- {shell: sh, run: 'echo "\${{ steps.a.outcome }} \${{ steps.a.conclusion }}"'}`),
      "steps:\n  - uses: ./c",
    );
    expect(end.result).toBe("success");
    expect(tail(host.text("1"), 1)).toEqual(["failure success"]);
  });

  it("sees the variables of the step that uses it over those that were exported", async () => {
    const { host } = await runWith(
      composite(`
- {shell: sh, run: 'echo "A=exported" >> "$GITHUB_ENV"; echo "B=new" >> "$GITHUB_ENV"'}
- {shell: sh, run: 'echo "$A $B $C"', env: {C: own}}`),
      'steps:\n  - {uses: ./c, env: {A: outer, C: outer}}\n  - run: echo "$A $B [$C]"',
    );
    expect(tail(host.text("1"), 1)).toEqual(["outer new own"]);
    expect(tail(host.text("2"), 1)).toEqual(["exported new []"]);
  });

  it("does not take the job's defaults for its scripts", async () => {
    const { host, end } = await runWith(
      composite("- {shell: sh, run: basename $PWD}"),
      "defaults: {run: {working-directory: c}}\nsteps:\n  - uses: ./c",
    );
    expect(end.result).toBe("success");
    expect(tail(host.text("1"), 1)).toEqual(["workspace"]);
  });

  it("may stand in another, and use JavaScript actions that clean up in reverse order", async () => {
    const node = (name: string): Files => ({
      [`${name}/action.yml`]: "runs: {using: node20, main: main.js, post: post.js}\n",
      [`${name}/main.js`]: `console.log("::save-state name=n::${name}")`,
      [`${name}/post.js`]: `console.log("post of ${name}", process.env.STATE_n)`,
    });
    const { host, end } = await runWith(
      {
        ...node("a"),
        ...node("b"),
        ...composite("- uses: ./inner\n- uses: ./a\n- {uses: ./b, if: false}"),
        "inner/action.yml": "runs: {using: composite, steps: [{uses: ./b}]}\n",
      },
      "steps:\n  - uses: ./c\n  - run: echo last",
    );
    expect(end.steps.map(({ key }) => key)).toEqual(["1", "2", "post-1"]);
    const posts = host
      .text("post-1")
      .split("\n")
      .filter((line) => line.startsWith("post of"));
    expect(posts).toEqual(["post of a a", "post of b b"]);
  });

  it("without anything to clean up has no post step", async () => {
    const { end } = await runWith(composite("- {shell: sh, run: echo}"), "steps:\n  - uses: ./c");
    expect(end.steps).toHaveLength(1);
  });

  it("that uses itself is stopped", async () => {
    const { end, host } = await runWith(composite("- uses: ./c"), "steps:\n  - uses: ./c");
    expect(end.result).toBe("failure");
    expect(host.text()).toContain("Composite action depth exceeded max depth 10");
  });

  it("whose time is over ends its steps, and is what failed", async () => {
    const { end, host } = await runWith(
      composite("- {shell: sh, run: sleep 1000}\n- {shell: sh, run: echo, if: always()}"),
      "steps:\n  - {uses: ./c, timeout-minutes: 1}",
      { commands: async ({ key }) => (key === "1/0" ? { ended: "timed-out" } : { ended: "exited", code: 0 }) },
    );
    expect(end.result).toBe("failure");
    expect(host.text()).toContain("##[error]The action 'Run ./c' has timed out after 1 minutes.");
  });

  it("keeps the summaries of its steps apart", async () => {
    const { host } = await runWith(
      composite(`
- {shell: sh, run: 'echo one >> "$GITHUB_STEP_SUMMARY"'}
- {shell: sh, run: 'echo two >> "$GITHUB_STEP_SUMMARY"'}`),
      "steps:\n  - uses: ./c",
    );
    expect([...host.summaries]).toEqual([
      ["1/0", "one\n"],
      ["1/1", "two\n"],
    ]);
  });
});
