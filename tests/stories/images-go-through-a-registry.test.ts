import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "@fairway/api";
import { ociRegistry } from "@fairway/builtin";
import type { ImageRegistry } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaultyRegistry } from "../../plugins/builtin/fixtures/faulty-registry.ts";
import { faultyRegistry } from "../../plugins/builtin/fixtures/faulty-registry.ts";
import { podman } from "../../plugins/builtin/fixtures/podman.ts";
import { containerBase } from "../../tools/container-base.mjs";
import type { TestRegistry } from "../../tools/container-registry.mjs";
import { registryLogin, startRegistry } from "../../tools/container-registry.mjs";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { removeImagesOf } from "./support/images-of.ts";
import { ask } from "./support/requests.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

const dockerfile = `ARG BASE
FROM \${BASE}
ARG GIT_SHA
ENV BUILT_FROM=\${GIT_SHA}
COPY server.mjs /srv/
WORKDIR /srv
CMD ["node", "server.mjs"]
`;
const host = "web.staging.localhost";

describe.skipIf(!needs("podman", "registry", "time"))("images that go through a registry", () => {
  let real: TestRegistry;
  let door: FaultyRegistry;
  let registry: ImageRegistry;
  let fairway: Fairway;
  const commits: string[] = [];

  const files = (says: string): Files => ({
    "web/server.mjs": tinyService({ says }),
    "web/Dockerfile": dockerfile,
    ...configFile({
      name: "shop",
      registry: {
        server: `${door.host}/shop`,
        insecure: true,
        username: registryLogin.username,
        password: { secret: "REGISTRY_PASSWORD" },
      },
      services: {
        web: {
          ...tinyConfig({ path: "web", health: { path: "/healthz", startWithin: "1m", interval: "200ms" } }),
          build: { inputs: ["web"] },
          container: { args: { BASE: containerBase() } },
        },
      },
      environments: { ...stagingOnly(), production: { deploys: "on-request", promotesFrom: "staging" } },
    }),
  });
  const ship = async (message: string, changed: Files): Promise<Run> => {
    const run = await fairway.ship(message, changed);
    commits.push(await fairway.project.git("rev-parse", "HEAD"));
    return run;
  };
  /** The same, and no environment takes it. */
  const make = async (message: string, changed: Files): Promise<void> => {
    const ref = await fairway.project.commit(message, changed);
    commits.push(ref);
    const run = await fairway.client.call("makeRelease", { ref, by: "ada", deploy: false });
    assertEnded(await fairway.settled(run), "succeeded");
  };
  const part = async (release: string) => {
    const [found] = (await fairway.client.call("release", { release })).parts;
    if (found === undefined) throw new Error(`${release} has no part`);
    return found;
  };
  const short = (): Promise<string> => fairway.project.git("rev-parse", "--short", "HEAD");

  beforeAll(async () => {
    real = await startRegistry({ login: true });
    door = await faultyRegistry(real.host);
    registry = ociRegistry({ host: door.host, insecure: true, ca: null, login: registryLogin });
    fairway = await openFairway(files("one"), { containerEngine: "podman" });
    const secrets = join(fairway.data, "secrets");
    mkdirSync(secrets, { recursive: true, mode: 0o700 });
    writeFileSync(join(secrets, "build.env"), `REGISTRY_PASSWORD=${registryLogin.password}\n`, { mode: 0o600 });
  }, 180_000);
  afterAll(async () => {
    try {
      await fairway?.end();
    } finally {
      for (const commit of commits) removeImagesOf(commit);
      await door?.close();
      await real?.stop();
    }
  });

  test("are pushed under the commit, pinned by the registry's digest, and run from there", async () => {
    assertEnded(await ship("One", {}), "succeeded");
    const { image, artifact } = await part("r1");
    expect(image).toBe(`${door.host}/shop/web`);
    expect(artifact).toBe(await registry.digestOf("shop/web", await short()));
    expect(await ask(fairway, host)).toMatchObject({ says: "one", release: "r1" });
    const beside = await registry.attachments("shop/web", artifact);
    expect(beside.map(({ artifactType }) => artifactType)).toEqual(["application/vnd.dsse.envelope.v1+json"]);
  });

  test("are neither built nor pushed again for a service that did not change", async () => {
    await make("Two", { "web/server.mjs": tinyService({ says: "two" }) });
    const tags = await registry.tags("shop/web");
    await make("Words", { "README.md": "Words.\n" });
    expect(await part("r3")).toMatchObject({ takenFrom: "r2", artifact: (await part("r2")).artifact });
    expect(await registry.tags("shop/web")).toEqual(tags);
  });

  test("make no release while the registry has no room, and the same run goes well afterwards", async () => {
    door.fault = ({ method }) => (method === "GET" || method === "HEAD" ? null : { status: 507 });
    const run = await ship("Four", { "web/server.mjs": tinyService({ says: "four" }) });
    assertEnded(run, "errored");
    expect(run.jobs.find(({ name }) => name === "build:web")?.reason).toMatch(/the registry has no room/);
    expect(await ask(fairway, host)).toMatchObject({ says: "one" });
    door.fault = () => null;
    await fairway.client.call("retry", { run: run.id, by: "ada" });
    const again = await fairway.settled(run);
    assertEnded(again, "succeeded");
    for (const id of again.next) assertEnded(await fairway.settled({ id }), "succeeded");
    expect((await part("r4")).takenFrom).toBeNull();
  });

  test("are verified byte by byte, and a tag that somebody moved is told", async () => {
    const before = await part("r4");
    await registry.gather("shop/web", await short(), []);
    const found = await fairway.client.call("releaseVerification", { release: "r4" });
    expect(found.ok).toBe(true);
    expect(found.findings.find(({ what }) => what === "artifact of web")).toMatchObject({
      note: true,
      detail: expect.stringMatching(new RegExp(`names sha256:.* now; what runs is ${before.artifact}$`)) as string,
    });
  });

  test("that the registry has lost are not promoted, and are built again by the next release", async () => {
    await registry.remove("shop/web", (await part("r4")).artifact);
    const run = await fairway.promote();
    assertEnded(run, "failed");
    expect(run.jobs.find(({ name }) => name === "begin")?.reason).toMatch(/the registry does not have .* any more/);
    await make("Again", {});
    expect((await part("r5")).takenFrom).toBeNull();
  });

  test("are pulled by digest, with the password, where they are not any more", async () => {
    const { artifact } = await part("r1");
    removeImagesOf(commits[0] ?? "");
    const back = await fairway.client.call("rollback", { environment: "staging", release: "r1", by: "ada" });
    assertEnded(await fairway.settled(back), "succeeded");
    expect(await ask(fairway, host)).toMatchObject({ says: "one", release: "r1" });
    expect(door.asked).toContain(`GET /v2/shop/web/manifests/${artifact}`);
    const containers = podman("ps", "--format", "{{.Image}} {{.Command}} {{.Labels}}");
    expect(containers).not.toContain(registryLogin.password);
    await fairway.assertHealthy();
  });
});
