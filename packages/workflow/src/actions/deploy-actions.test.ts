import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { removeTrials, runTrial, type Trial } from "../running/testing/trial-job.ts";
import { runFaking } from "./testing/fake-programs.ts";

afterAll(removeTrials);

const log = (trial: Trial): string => trial.host.text();

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
    expect(log(trial)).toContain(
      "`vercel: { token: { secret: VERCEL_TOKEN }, services: { <service>: { project: project } } }`",
    );
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
