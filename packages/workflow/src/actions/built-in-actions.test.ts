import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  removeTrials,
  runTrial,
  type Trial,
  type TrialOptions,
  trialSurroundings,
} from "../running/testing/trial-job.ts";
import { builtInActionNames } from "./registry.ts";

afterAll(removeTrials);

const log = (trial: Trial): string => trial.host.text();

it("built-in actions are found whatever their version and spelling", async () => {
  expect(builtInActionNames()).toContain("actions/checkout");
  const trial = await runTrial("steps:\n  - {uses: Amondnet/Vercel-Action@v99, with: {nonsense: 1}}");
  expect(log(trial)).toContain("##[warning]Unexpected input(s) 'nonsense', valid inputs are ['vercel-token', ");
});

describe("actions/checkout", () => {
  let origin: string;
  const shas: string[] = [];
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], {
      cwd: origin,
      encoding: "utf8",
    }).trim();

  beforeAll(() => {
    origin = mkdtempSync(join(tmpdir(), "fairway-origin-"));
    git("init", "-q", "-b", "main", ".");
    for (const text of ["one", "two", "three"]) {
      writeFileSync(join(origin, "file"), text);
      mkdirSync(join(origin, "deep"), { recursive: true });
      writeFileSync(join(origin, "deep/file"), text);
      git("add", ".");
      git("commit", "-q", "-m", text);
      git("tag", text);
      shas.push(git("rev-parse", "HEAD"));
    }
  });

  afterAll(() => rmSync(origin, { recursive: true, force: true }));

  const withOrigin = (options: TrialOptions = {}): TrialOptions => ({
    repository: async ({ ref }) => {
      const sha = ref === undefined ? (shas[2] ?? "") : git("rev-parse", ref);
      return { from: origin, fetch: sha, sha, ...(ref === undefined ? { branch: "main" } : {}) };
    },
    ...options,
  });
  const state = 'git log --format=%s | tr "\\n" " "; cat file; git rev-parse --abbrev-ref HEAD; git tag | tr "\\n" " "';

  it.each([
    ["has one commit on its branch", "", "three three main"],
    ["has all commits and tags when asked", "with: {fetch-depth: 0}", "three two one three main one three two"],
    ["has as many commits as asked", "with: {fetch-depth: 2}", "three two three main"],
    ["is detached at a sha that is no head any more", "with: {ref: two}", "two two HEAD"],
  ])("%s", async (_, more, expected) => {
    const trial = await runTrial(
      `steps:\n  - {uses: actions/checkout@v4, ${more}}\n  - run: ${JSON.stringify(state)}`,
      withOrigin(),
    );
    expect(trial.end.result).toBe("success");
    const shown = log(trial).split("##[endgroup]").at(-1) ?? "";
    expect(shown.replaceAll(/\s+/g, " ").replace("threemain", "three main").replace("twoHEAD", "two HEAD").trim()).toBe(
      expected,
    );
  });

  it("goes into a folder below the workspace, and into no other", async () => {
    const trial = await runTrial(
      "steps:\n  - {uses: actions/checkout@v4, with: {path: a/b}}\n  - {uses: actions/checkout@v4, with: {path: ../x}}",
      withOrigin(),
    );
    expect(trial.conclusions).toEqual(["success", "failure"]);
    expect(readFileSync(join(trial.host.folders.workspace, "a/b/file"), "utf8")).toBe("three");
    expect(log(trial)).toContain("is not under");
  });

  it("cleans what an earlier checkout left, unless it must not", async () => {
    const trial = await runTrial(
      `
steps:
  - uses: actions/checkout@v4
  - run: touch extra; echo changed > file
  - {uses: actions/checkout@v4, with: {clean: false}}
  - run: test -e extra && test "$(cat file)" = three
  - uses: actions/checkout@v4
  - run: test ! -e extra
`,
      withOrigin(),
    );
    expect(trial.end.result).toBe("success");
  });

  it("has only the folders that were asked for", async () => {
    const trial = await runTrial(
      "steps:\n  - {uses: actions/checkout@v4, with: {sparse-checkout: other}}",
      withOrigin(),
    );
    expect(trial.end.result).toBe("success");
    expect(existsSync(join(trial.host.folders.workspace, "deep"))).toBe(false);
  });

  it("takes a bundle, which is how another user gets the repository", async () => {
    const bundle = join(origin, "all.bundle");
    git("bundle", "create", "-q", bundle, "main");
    const trial = await runTrial("steps:\n  - uses: actions/checkout@v4\n  - run: cat file", {
      repository: async () => ({ from: bundle, fetch: "refs/heads/main", sha: shas[2] ?? "" }),
    });
    expect(log(trial)).toMatch(/\nthree$/);
  });

  it("fails when another commit came than the one that was wanted", async () => {
    const trial = await runTrial("steps:\n  - uses: actions/checkout@v4", {
      repository: async () => ({ from: origin, fetch: "refs/heads/main", sha: shas[0] ?? "" }),
    });
    expect(trial.end.result).toBe("failure");
    expect(log(trial)).toContain(`The commit ${shas[0]} was wanted, but ${shas[2]} was fetched`);
  });

  it("takes what comes where the host does not know the commit, and is on no tag", async () => {
    const trial = await runTrial("steps:\n  - uses: actions/checkout@v4\n  - run: git rev-parse --abbrev-ref HEAD", {
      repository: async () => ({ from: origin, fetch: "refs/tags/two", sha: "", branch: "refs/tags/two" }),
    });
    expect(trial.host.text("2")).toMatch(/\nHEAD$/);
  });

  it("gives the commit as an output", async () => {
    const trial = await runTrial(
      'outputs: {c: "${{ steps.a.outputs.commit }}"}\nsteps:\n  - {id: a, uses: actions/checkout@v4}',
      withOrigin(),
    );
    expect(trial.end.outputs).toEqual({ c: shas[2] });
  });
});

/** Puts a program of the name on PATH. */
function fakeProgram(trialPath: string, name: string, script: string): void {
  mkdirSync(trialPath, { recursive: true });
  writeFileSync(join(trialPath, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(trialPath, name), 0o755);
}

/** Runs with fake programs before the real ones. */
async function runFaking(
  programs: Readonly<Record<string, string>>,
  job: string,
  options: TrialOptions = {},
): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), "fairway-programs-"));
  try {
    for (const [name, script] of Object.entries(programs)) fakeProgram(folder, name, script);
    const baseEnv = { ...trialSurroundings.baseEnv, PATH: `${folder}:/usr/bin:/bin` };
    return await runTrial(job, { ...options, around: { baseEnv, ...options.around } });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

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

describe("aws-actions/configure-aws-credentials", () => {
  let server: Server;
  let endpoint: string;
  let asked: { readonly body: URLSearchParams; readonly authorization: string | undefined }[] = [];
  const refusals = new Map<string, readonly [number, string]>();

  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (piece) => (text += String(piece)));
      request.on("end", () => {
        const body = new URLSearchParams(text);
        asked.push({ body, authorization: request.headers.authorization });
        const refusal = refusals.get(body.get("RoleArn") ?? "");
        if (refusal !== undefined) {
          response
            .writeHead(refusal[0])
            .end(
              `<ErrorResponse><Error><Code>${refusal[1]}</Code><Message>no &amp; no</Message></Error></ErrorResponse>`,
            );
        } else if (body.get("Action") === "GetCallerIdentity") {
          response.end("<R><Account>123456789012</Account></R>");
        } else {
          response.end(
            "<R><Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>hush-secret</SecretAccessKey><SessionToken>hush-token</SessionToken></Credentials></R>",
          );
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(async () => new Promise((resolve) => server.close(resolve)));

  const role = "arn:aws:iam::123456789012:role/deploy";
  const run = async (inputs: Readonly<Record<string, string>>, options: TrialOptions = {}): Promise<Trial> => {
    asked = [];
    const given = { "aws-region": "us-east-1", ...inputs };
    const baseEnv = { ...trialSurroundings.baseEnv, AWS_ENDPOINT_URL_STS: endpoint };
    const job = `steps:\n  - {uses: aws-actions/configure-aws-credentials@v4, with: ${JSON.stringify(given)}}\n  - run: env | grep ^AWS | sort`;
    return runTrial(job, {
      identityToken: async (audience) => `token for ${audience}`,
      around: { baseEnv },
      ...options,
    });
  };

  it("assumes a role with a token that Fairway signs, and masks what it gets", async () => {
    const trial = await run({ "role-to-assume": role });
    expect(trial.end.result).toBe("success");
    expect(Object.fromEntries(asked[0]?.body ?? [])).toMatchObject({
      Action: "AssumeRoleWithWebIdentity",
      RoleArn: role,
      RoleSessionName: "GitHubActions",
      WebIdentityToken: "token for sts.amazonaws.com",
    });
    expect(asked[0]?.authorization).toBeUndefined();
    expect(trial.host.text("2")).toContain("AWS_ACCESS_KEY_ID=***\nAWS_DEFAULT_REGION=us-east-1");
    expect(log(trial)).not.toContain("hush-");
  });

  it("assumes a role with keys, which signs the request", async () => {
    const trial = await run({
      "role-to-assume": role,
      "aws-access-key-id": "AKIDOWN",
      "aws-secret-access-key": "own-secret",
    });
    expect(trial.end.result).toBe("success");
    expect(asked[0]?.body.get("Action")).toBe("AssumeRole");
    expect(asked[0]?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDOWN\/\d{8}\/us-east-1\/sts\/aws4_request/,
    );
  });

  it("passes keys on when there is no role", async () => {
    const trial = await run({ "aws-access-key-id": "AKIDOWN", "aws-secret-access-key": "own-secret" });
    expect(asked.map(({ body }) => body.get("Action"))).toEqual(["GetCallerIdentity"]);
    expect(trial.host.text("2")).toContain("AWS_SECRET_ACCESS_KEY=***");
  });

  it("says that the job lacks the permission for a token", async () => {
    const trial = await runTrial(
      `steps:\n  - {uses: aws-actions/configure-aws-credentials@v4, with: {aws-region: us-east-1, role-to-assume: "${role}"}}`,
    );
    expect(trial.end.result).toBe("failure");
    expect(log(trial)).toContain("permissions:\n##[error]  id-token: write");
  });

  it("says that a secret is not set", async () => {
    const trial = await run({ "role-to-assume": "" });
    expect(log(trial)).toContain("A secret that Fairway does not have is an empty text");
    expect(asked).toEqual([]);
  });

  it("says that a role is no role, without showing it", async () => {
    expect(log(await run({ "role-to-assume": "my-role" }))).toContain(
      "role-to-assume is no ARN of a role (7 characters",
    );
  });

  it.each([
    ["AccessDenied", 403, "The trust policy of"],
    ["InvalidIdentityToken", 400, "AWS does not know Fairway as an identity provider"],
    ["IDPCommunicationError", 400, "It must be reachable from the internet"],
    ["Throttled", 500, "Throttled: no & no"],
  ])("says what to do about %s", async (code, status, hint) => {
    const refused = `arn:aws:iam::123456789012:role/${code}`;
    refusals.set(refused, [status, code]);
    const trial = await run({ "role-to-assume": refused });
    expect(trial.end.result).toBe("failure");
    expect(log(trial)).toContain(`Could not assume role ${refused}: ${code}: no & no`);
    expect(log(trial)).toContain(hint);
    expect(asked).toHaveLength(status === 500 ? 3 : 1);
  });

  it("says that STS cannot be reached, and where it was looked for", async () => {
    const baseEnv = { ...trialSurroundings.baseEnv, AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1/" };
    const trial = await run({ "role-to-assume": role, "disable-retry": "true" }, { around: { baseEnv } });
    expect(log(trial)).toContain("AWS STS could not be reached at http://127.0.0.1:1/");
  });

  it("refuses another account than those allowed", async () => {
    const trial = await run({ "role-to-assume": role, "allowed-account-ids": "999999999999" });
    expect(log(trial)).toContain("does not match any of the expected account IDs: 999999999999");
    expect(trial.conclusions).toEqual(["failure", "skipped"]);
  });
});

describe("amondnet/vercel-action", () => {
  const vercel =
    'echo "args: $@"; cat "$(echo "$@" | sed "s/.*--global-config //;s/ .*//")/auth.json"; echo "$VERCEL_ORG_ID $VERCEL_PROJECT_ID"; echo "Inspect: https://vercel.com/own/x"; echo https://product-abc.vercel.app';
  const job = (more: string): string =>
    `outputs: {url: "\${{ steps.v.outputs.preview-url }}"}\nsteps:\n  - {id: v, uses: amondnet/vercel-action@v25, with: {vercel-token: "\${{ secrets.TOKEN }}", vercel-org-id: org, vercel-project-id: project${more}}}`;
  const options = { secrets: { TOKEN: "s3cret-token" } };

  it("deploys, and the token is on no command line", async () => {
    const trial = await runFaking({ vercel }, job(", vercel-args: '--prod', scope: own"), options);
    expect(trial.end).toMatchObject({ result: "success", outputs: { url: "https://product-abc.vercel.app" } });
    expect(log(trial)).toContain("args: --prod --yes -m githubCommitSha=");
    expect(log(trial)).toContain('{"token":"***"}org project');
    expect(JSON.stringify(trial.host.memory.started.map(({ argv }) => argv))).not.toContain("s3cret-token");
    expect(existsSync(join(trial.host.folders.temp, "vercel"))).toBe(false);
  });

  it("says that without --prod it is a preview", async () => {
    const trial = await runFaking({ vercel }, job(""), options);
    expect([...trial.host.annotations.values()]).toMatchObject([
      { level: "notice", message: expect.stringContaining("This is a preview") },
    ]);
  });

  it("says exactly what is missing, before anything is started", async () => {
    const trial = await runTrial(job("").replace("vercel-org-id: org, ", ""));
    expect(trial.end.result).toBe("failure");
    expect(log(trial)).toContain("Nothing was deployed: vercel-token, vercel-org-id have no value.");
    expect(trial.host.memory.started).toEqual([]);
  });

  it("refuses a token among the arguments", async () => {
    const trial = await runFaking({ vercel }, job(", vercel-args: '--token=x'"), options);
    expect(log(trial)).toContain("vercel-args must not hold the token");
  });

  it("fails with what Vercel said", async () => {
    const trial = await runFaking({ vercel: "echo 'Error: no such project'; exit 1" }, job(""), options);
    expect(trial.end.result).toBe("failure");
    expect(log(trial)).toContain("Error: no such project\n##[error]Vercel refused the deployment (exit code 1)");
  });
});

describe("docker's actions", () => {
  const login = (more = ""): string =>
    `{uses: docker/login-action@v3, with: {registry: reg.example, username: me, password: "\${{ secrets.PASSWORD }}"${more}}}`;
  const options = { secrets: { PASSWORD: "s3cret-word" } };
  const podman =
    'echo "podman $@"; while [ $# -gt 0 ]; do case "$1" in --iidfile) echo sha256:image > "$2";; --digestfile) echo sha256:pushed > "$2";; esac; shift; done';

  it("put credentials where only the job reads them, and take them away", async () => {
    const trial = await runTrial(
      `steps:\n  - ${login()}\n  - run: cat "$DOCKER_CONFIG/config.json"; stat -c %a "$REGISTRY_AUTH_FILE"`,
      options,
    );
    expect(trial.host.text("2")).toMatch(/\{"auths":\{"reg.example":\{"auth":"\*\*\*"\}\}\}600$/);
    expect(existsSync(join(trial.host.folders.temp, "docker"))).toBe(false);
    expect(JSON.stringify(trial.host.memory.started.map(({ argv }) => argv))).not.toContain("s3cret");
  });

  it("say which credential has no value", async () => {
    expect(log(await runTrial(`steps:\n  - ${login()}`))).toContain("##[error]password required: it has no value.");
  });

  it("build and push with what is here, and give the digest", async () => {
    const build =
      "{id: b, uses: docker/build-push-action@v6, with: {context: app, push: true, tags: 'reg.example/app:1', build-args: 'A=1\nB=2', secrets: 'key=s3cret-word', cache-from: type=gha}}";
    const trial = await runFaking(
      { podman, docker: "exit 1" },
      `outputs: {d: "\${{ steps.b.outputs.digest }}", i: "\${{ steps.b.outputs.imageid }}"}\nsteps:\n  - uses: docker/setup-buildx-action@v3\n  - ${build
        .replaceAll("\n", String.raw`\n`)
        .replaceAll("'A=1", '"A=1')
        .replace("B=2'", 'B=2"')}`,
      options,
    );
    expect(trial.end).toMatchObject({ result: "success", outputs: { d: "sha256:pushed", i: "sha256:image" } });
    expect(log(trial)).toContain("--tag reg.example/app:1 --build-arg A=1 --build-arg B=2 --secret id=key,src=");
    expect(log(trial)).toContain("##[warning]Only buildx knows cache-from; the image is built without.");
    expect(JSON.stringify(trial.host.memory.started.map(({ argv }) => argv))).not.toContain("s3cret");
  });

  it("fail with what the builder said", async () => {
    const trial = await runFaking(
      { podman: "echo no such file; exit 125", docker: "exit 1" },
      "steps:\n  - uses: docker/build-push-action@v6",
    );
    expect(log(trial)).toContain("no such file\n##[error]podman build failed with exit code 125: see above");
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
