import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreviewShape } from "@fairway/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AtGitHub } from "./support/at-github.ts";
import { atGitHub, repository } from "./support/at-github.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairwayOn } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { fetchFrom } from "./support/requests.ts";
import { stagingOnly, tinyConfig } from "./support/tiny-service.ts";

/** Tells which commit it is of, and whether it was given a secret. */
const service = `import { createServer } from "node:http";
const { PORT, HOST, GIT_SHA, TOKEN = "none" } = process.env;
createServer((request, response) => response.end(JSON.stringify({ sha: GIT_SHA, token: TOKEN }))).listen(Number(PORT), HOST);
process.on("SIGTERM", () => process.exit(0));
`;

let fairway: Fairway;
let hub: AtGitHub;

beforeAll(async () => {
  hub = await atGitHub();
  await hub.work.commit("Begin", {
    "web/server.mjs": service,
    ...configFile({
      name: "story",
      services: { web: tinyConfig({ health: "/", env: { TOKEN: { secret: "TOKEN" } } }) },
      environments: stagingOnly({ deploys: "on-request" }),
      forge: hub.forge,
      previews: {},
    }),
  });
  await hub.work.git("push", "--quiet", "origin", "main");
  const project = await hub.clone();
  const secrets = join(hub.place, "data/secrets");
  await writeFile(join(secrets, "previews.env"), "TOKEN=of-previews\n", { mode: 0o600 });
  await writeFile(join(secrets, "staging.env"), "TOKEN=of-staging\n", { mode: 0o600 });
  fairway = await openFairwayOn(project, hub.place, { allowPrivate: "127.0.0.1" });
  await until(
    async () => hub.github.requests.some(({ path }) => path.includes("/pulls")),
    "GitHub was looked at",
    30_000,
  );
}, 120_000);

afterAll(async () => {
  await fairway?.end();
  await hub?.close();
});

async function told(number: number, action: string, sha: string, from: string, at: string): Promise<void> {
  const side = (ref: string, of: string, full_name: string): object => ({ ref, sha: of, repo: { full_name } });
  const body = {
    action,
    number,
    pull_request: {
      state: action === "closed" ? "closed" : "open",
      title: "<script>alert(1)</script> $(touch pwned)",
      updated_at: at,
      head: side("a;touch${IFS}pwned", sha, from),
      base: side("main", await hub.work.git("rev-parse", "main"), repository),
    },
  };
  expect(await hub.deliver(fairway.client, "pull_request", body)).toBe(202);
}
async function pushed(number: number): Promise<string> {
  const sha = await hub.work.commit(`Change ${number}`, { "web/more.txt": `${number} ${Math.random()}\n` });
  await hub.work.git("push", "--quiet", "--force", "origin", `HEAD:refs/pull/${number}/head`);
  return sha;
}
const shows = async (number: number): Promise<{ readonly sha: string; readonly token: string } | null> => {
  const { status, body } = await fetchFrom(fairway, `pr-${number}.fairway.localhost`);
  return status === 200 ? (JSON.parse(body) as { readonly sha: string; readonly token: string }) : null;
};
const stands = async (number: number, standing: PreviewShape["standing"], sha: string): Promise<void> =>
  until(
    async () => {
      const found = (await fairway.client.call("previews", { ended: "true" })).find(
        ({ name }) => name === `pr-${number}`,
      );
      return found?.standing === standing && found.sha === sha;
    },
    `pr-${number} is ${standing}`,
    150_000,
  );
const comments = (number: number): readonly unknown[] =>
  (hub.github.made["comments"] ?? []).filter(({ issue }) => issue === String(number)).map(({ body }) => body);

test("a pull request has its preview at its host, which a late push does not take back, and none once closed", async () => {
  const first = await pushed(1);
  await told(1, "opened", first, repository, "2026-01-01T00:00:00Z");
  await stands(1, "ready", first);
  expect(await shows(1)).toEqual({ sha: first, token: "of-previews" });
  await until(
    () => comments(1).some((body) => String(body).includes("http://pr-1.fairway.localhost")),
    "GitHub shows it",
    60_000,
  );

  const second = await pushed(1);
  await told(1, "synchronize", second, repository, "2026-01-01T00:01:00Z");
  await told(1, "synchronize", first, repository, "2026-01-01T00:00:30Z");
  await stands(1, "ready", second);
  expect(await shows(1)).toMatchObject({ sha: second });

  await told(1, "closed", second, repository, "2026-01-01T00:02:00Z");
  await stands(1, "ended", second);
  expect((await fetchFrom(fairway, "pr-1.fairway.localhost")).status).toBe(404);
  await until(
    () => comments(1).some((body) => String(body).includes("has ended")),
    "GitHub hears that it is gone",
    60_000,
  );
  expect(comments(1)).toHaveLength(1);
  const deployments = (): readonly unknown[] =>
    (hub.github.made["deployments"] ?? [])
      .filter(({ environment, sha }) => environment === "pr-1" && sha === second)
      .map(({ statuses }) => (statuses as readonly { readonly state: string }[] | undefined)?.at(-1)?.state);
  await until(() => JSON.stringify(deployments()) === '["inactive"]', "GitHub hears that nothing runs there", 60_000);
});

test("a fork's runs nothing before somebody has let its commit in, asks again for the next, and gets no secrets", async () => {
  const first = await pushed(2);
  await told(2, "opened", first, "mallory/shop", "2026-01-01T00:00:00Z");
  await stands(2, "asking", first);
  expect(await shows(2)).toBeNull();
  expect((await fairway.client.call("runs", {})).filter(({ title }) => title.includes(first.slice(0, 7)))).toEqual([]);
  await expect(
    fairway.client.call("approvePreview", { preview: "pr-2", sha: "0".repeat(40), by }),
  ).rejects.toMatchObject({
    code: "not_allowed_now",
  });
  // No other name lets it in past that, with secrets.
  await expect(fairway.client.call("openPreview", { ref: first, name: "mine", by })).rejects.toMatchObject({
    code: "not_allowed_now",
  });
  await fairway.client.call("approvePreview", { preview: "pr-2", sha: first, by });
  await stands(2, "ready", first);
  expect(await shows(2)).toEqual({ sha: first, token: "none" });

  const second = await pushed(2);
  await told(2, "synchronize", second, "mallory/shop", "2026-01-01T00:01:00Z");
  await stands(2, "asking", second);
  // The webhook of its closing is lost; what the forge has is looked at.
  expect(await shows(2)).toMatchObject({ sha: first });
  await fairway.client.call("closePreview", { preview: "pr-2", by });
  await stands(2, "ended", second);
});
