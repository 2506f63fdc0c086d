import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { removeTrials, runTrial, type Trial, trialSurroundings } from "../running/testing/trial-job.ts";
import { fakeProgram, runFaking } from "./testing/fake-programs.ts";

afterAll(removeTrials);

const log = (trial: Trial): string => trial.host.text();

describe("actions/setup-node", () => {
  it.each(["20", "v20.x", "lts/iron", ">=18 <21", "20.3"])("takes the Node of this machine for %s", async (version) => {
    const trial = await runFaking(
      { node: "echo v20.3.1" },
      `steps:\n  - {id: n, uses: actions/setup-node@v4, with: {node-version: "${version}"}}\noutputs: {v: "\${{ steps.n.outputs.node-version }}"}`,
    );
    expect(trial.end.outputs).toEqual({ v: "v20.3.1" });
  });

  it("says what is here when it is another", async () => {
    const trial = await runFaking(
      { node: "echo v20.3.1" },
      'steps:\n  - {uses: actions/setup-node@v4, with: {node-version: "6"}}',
    );
    expect(trial.end.result).toBe("failure");
    expect(log(trial)).toContain(
      "##[error]Node 6 was asked for, and this machine has 20.3.1. Install it on this machine, or unpack it to",
    );
  });

  it("takes one of the tool cache, if it is complete", async () => {
    const job = 'steps:\n  - {uses: actions/setup-node@v4, with: {node-version: "6"}}\n  - run: echo ${PATH%%:*}';
    const trial = await runTrial(job, {
      before: ({ folders }) => {
        for (const version of ["6.1.0", "6.2.0"])
          mkdirSync(join(folders.toolCache, "node", version, process.arch), { recursive: true });
        writeFileSync(join(folders.toolCache, "node/6.1.0", `${process.arch}.complete`), "");
      },
    });
    expect(log(trial)).toContain(join(trial.host.folders.toolCache, "node/6.1.0", process.arch, "bin"));
  });

  it.each([
    [".nvmrc", "v20\n"],
    [".tool-versions", "python 3.11\nnodejs 20.3.1\n"],
    ["package.json", '{"engines":{"node":">=20"}}'],
  ])("reads the version from %s", async (name, text) => {
    const trial = await runFaking(
      { node: "echo v20.3.1" },
      `steps:\n  - {uses: actions/setup-node@v4, with: {node-version-file: ${name}}}`,
      {
        before: ({ folders }) => writeFileSync(join(folders.workspace, name), text),
      },
    );
    expect(trial.end.result).toBe("success");
  });

  it("sets up a registry without writing its token down", async () => {
    const trial = await runFaking(
      { node: "echo v20.3.1" },
      "steps:\n  - uses: actions/setup-node@v4\n    with: {registry-url: 'https://npm.example', scope: own}\n    env: {NODE_AUTH_TOKEN: s3cret-token}\n  - run: cat $NPM_CONFIG_USERCONFIG",
    );
    expect(log(trial)).toContain("//npm.example/:_authToken=${NODE_AUTH_TOKEN}\n@own:registry=https://npm.example/");
  });
});

describe("pnpm/action-setup", () => {
  it("takes the pnpm of this machine", async () => {
    const trial = await runFaking(
      { pnpm: "echo 8.15.9" },
      "steps:\n  - {uses: pnpm/action-setup@v2, with: {version: 8}}",
    );
    expect(log(trial)).toContain("pnpm 8.15.9 of this machine");
  });

  it("installs the version that was asked for, once, and installs the packages with it", async () => {
    const npm =
      'mkdir -p "$3/node_modules/.bin"; printf "#!/bin/sh\\necho pnpm of $7: \\$@\\n" > "$3/node_modules/.bin/pnpm"; chmod +x "$3/node_modules/.bin/pnpm"; echo installing';
    const trial = await runFaking(
      { pnpm: "echo 9.0.0", npm },
      "steps:\n  - {uses: pnpm/action-setup@v2, with: {version: 8}}\n  - {uses: pnpm/action-setup@v2, with: {version: 8, run_install: '[{args: [--frozen-lockfile]}]'}}\n  - run: pnpm hello",
    );
    expect(trial.end.result).toBe("success");
    expect(log(trial).match(/^installing$/gm)).toHaveLength(1);
    expect(log(trial)).toContain("pnpm of pnpm@8: install --frozen-lockfile");
    expect(trial.host.text("3")).toContain("pnpm of pnpm@8: hello");
  });

  it("takes the version of package.json", async () => {
    const trial = await runFaking({ pnpm: "echo 8.6.0" }, "steps:\n  - uses: pnpm/action-setup@v4", {
      before: ({ folders }) =>
        writeFileSync(join(folders.workspace, "package.json"), '{"packageManager":"pnpm@8.6.0+sha512.abc"}'),
    });
    expect(trial.end.result).toBe("success");
  });

  it("says where a version can be given, and what to do without the registry", async () => {
    const none = await runTrial("steps:\n  - uses: pnpm/action-setup@v4");
    expect(log(none)).toContain("##[error]No pnpm version is specified.");
    const offline = await runFaking(
      { pnpm: "exit 1", npm: "echo ENOTFOUND; exit 1" },
      "steps:\n  - {uses: pnpm/action-setup@v2, with: {version: 8}}",
    );
    expect(log(offline)).toContain("Install it on this machine to work without the registry.");
  });
});

describe("actions/setup-python", () => {
  const python = (version: string): string =>
    `case "$1" in -c) echo ${version};; -m) mkdir -p "$3/bin"; printf '#!/bin/sh\\necho in environment\\n' > "$3/bin/python"; chmod +x "$3/bin/python";; esac`;

  it("makes an environment of the job's own from the Python of this machine", async () => {
    const trial = await runFaking(
      { "python3.11": python("3.11.7"), python3: python("3.9.2") },
      "steps:\n  - {uses: actions/setup-python@v5, with: {python-version: '3.11'}}\n  - run: python; echo $pythonLocation",
    );
    expect(trial.end.result).toBe("success");
    expect(trial.host.text("2")).toMatch(new RegExp(`in environment\n${trial.host.folders.temp}/python-3.11.7$`));
  });

  it.each(["3.x", ">=3.9,<3.12", "~=3.9", "3.9"])("takes %s for 3.9.2", async (version) => {
    const trial = await runFaking(
      { python3: python("3.9.2"), "python3.9": python("3.9.2") },
      `steps:\n  - {uses: actions/setup-python@v5, with: {python-version: '${version}'}}`,
    );
    expect(trial.end.result).toBe("success");
  });

  it("says what is here when it is another", async () => {
    const trial = await runFaking(
      { python3: python("3.9.2"), python: python("3.9.2") },
      "steps:\n  - {uses: actions/setup-python@v5, with: {python-version: '2.6'}}",
    );
    expect(log(trial)).toContain("Python 2.6 was asked for, and this machine has 3.9.2.");
  });
});

describe("hashicorp/setup-terraform", () => {
  const terraform = `case "$1" in version) echo '{"terraform_version": "1.5.7"}';; *) echo "planned"; echo "careful" >&2; exit \${CODE:-0};; esac`;

  it("makes outputs of what Terraform prints, and takes the exit code 2 of a plan for what it is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fairway-terraform-"));
    try {
      fakeProgram(folder, "terraform", terraform);
      const baseEnv = { ...trialSurroundings.baseEnv, PATH: `${folder}:/usr/bin:/bin` };
      const trial = await runTrial(
        `
outputs: {all: "\${{ steps.p.outputs.stdout }}\${{ steps.p.outputs.stderr }}\${{ steps.p.outputs.exitcode }}"}
steps:
  - {uses: hashicorp/setup-terraform@v3, with: {terraform_version: "~> 1.5"}}
  - {id: p, run: terraform plan -detailed-exitcode, env: {CODE: 2}}
`,
        { around: { baseEnv } },
      );
      expect(trial.end).toMatchObject({ result: "success", outputs: { all: "planned\ncareful\n2" } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says what is here when it is another", async () => {
    const trial = await runFaking(
      { terraform },
      "steps:\n  - {uses: hashicorp/setup-terraform@v3, with: {terraform_version: 1.9.0}}",
    );
    expect(log(trial)).toContain("Terraform 1.9.0 was asked for, and this machine has 1.5.7.");
  });
});
