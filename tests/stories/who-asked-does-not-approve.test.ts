import type { Client, Run } from "@fairway/api";
import { createClient } from "@fairway/api/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import type { MailServer } from "./support/mail-server.ts";
import { mailServer } from "./support/mail-server.ts";
import { refusal } from "./support/refusal.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";

// The tests of this file tell one story, in their order: a release that somebody's token asked for goes to production.

let fairway: Fairway;
let mails: MailServer;
let waiting: Run;
const clients = new Map<string, Client>();
const people = ["dana", "cora", "ann", "bob"];
const passwordOf = (name: string): string => `four words of ${name}'s`;
const as = (name: string): Client => clients.get(name) ?? never();
const approve = (name: string, run: Run): Promise<unknown> =>
  as(name).call("approve", { run: run.id, by: name, answer: "yes", digest: run.approval?.digest ?? "" });

beforeAll(async () => {
  mails = await mailServer();
  const production = { services: { web: { routes: [{ host: "web.localhost" }] } } };
  fairway = await openFairway({
    "web/server.mjs": tinyService(),
    ...configFile({
      name: "story",
      services: { web: tinyConfig() },
      environments: {
        staging: {
          purpose: "Pre-production verification",
          inherits: "production",
          scale: 0.5,
          deploys: "automatically",
        },
        production: {
          purpose: "Live environment",
          url: { frontend: "https://example.app", backend: "https://api.example.app" },
          promotesFrom: null,
          deploys: "automatically",
          approvals: 2,
          ...production,
          services: { web: { replicas: 2, ...production.services.web } },
        },
      },
      notices: {
        approvers: {
          email: { server: mails.url, from: "fairway@example.com", to: ["team@example.com", "bob@example.com"] },
          about: ["approval.asked"],
        },
      },
    }),
  });
  for (const name of people)
    await fairway.client
      .call("addPerson", { name, password: passwordOf(name), email: `${name}@example.com`, role: "admin" })
      .then(async () => {
        const { token } = await fairway.client.call("login", { name, password: passwordOf(name) });
        if (name === "dana") fairway.actAs(token);
        clients.set(name, createClient(fairway.client.url, { token: () => token }));
      });
});

afterAll(async () => {
  await fairway?.end();
  await mails?.close();
});

test("whose token asked for a release, and who wrote it, do not approve the deployment that it starts by itself", async () => {
  const sha = await fairway.project.commit("Mend it\n\nCo-authored-by: Cora <cora@example.com>");
  const { token } = await as("dana").call("createToken", { name: "ci", permissions: ["read", "change"] });
  const ci = createClient(fairway.client.url, { token: () => token });
  const release = await fairway.settled(await ci.call("makeRelease", { ref: sha, by }));
  const runs = await Promise.all(release.next.map((id) => fairway.settled({ id })));
  waiting = runs.find(({ environment }) => environment === "production") ?? never();
  expect(waiting).toMatchObject({ state: "waiting", approval: { needed: 2 } });
  expect(await refusal(approve("dana", waiting))).toMatchObject({
    code: "not_allowed_now",
    message: expect.stringContaining("dana made the token that asked for it"),
  });
  expect(await refusal(approve("cora", waiting))).toMatchObject({
    message: expect.stringContaining("cora wrote commits of it"),
  });
});

test("asked for again while it waits, the run that asks already is named", async () => {
  const again = as("ann").call("deploy", { environment: "production", release: waiting.release, by: "ann" });
  expect(await refusal(again)).toMatchObject({
    code: "not_allowed_now",
    message: `${waiting.id} asks already for ${waiting.release} to go to production`,
  });
});

test("one of two says yes on the command's way, the other by the link of their own mail, which works once", async () => {
  await approve("ann", waiting);
  const mail = await mails.mailTo("bob@example.com", /\/approve\//);
  expect(mail).not.toContain("team@example.com");
  expect(await mails.mailTo("team@example.com", /approval/)).not.toContain("/approve/");
  const [link = ""] = /http:\/\/\S+\/approve\/[\w-]+/.exec(mail) ?? [];
  const shown = await fetch(link);
  expect([shown.status, await shown.text()]).toEqual([200, expect.stringContaining("1 of 2: ann")]);
  expect((await fairway.client.call("run", { run: waiting.id })).state).toBe("waiting");
  const answer = (): Promise<Response> => fetch(link, { method: "POST", body: new URLSearchParams({ answer: "yes" }) });
  expect((await answer()).status).toBe(200);
  expect(await fairway.settled(waiting)).toMatchObject({ state: "succeeded" });
  const used = await answer();
  expect([used.status, await used.text()]).toEqual([409, expect.stringContaining("used already")]);
});

test("the table of the environments is printed from the configuration, with what they inherit scaled", async () => {
  const { environments } = await fairway.client.call("status", {});
  expect(environments.map(({ scale }) => scale)).toEqual([
    [{ service: "web", replicas: 1 }],
    [{ service: "web", replicas: 2 }],
  ]);
  expect(await fairway.replicas("staging")).toHaveLength(1);
  const { out } = await commandLine(
    fairway.project.path,
    fairway.data,
    "config",
    "explain",
    "environments.staging.services.web.replicas",
  );
  expect(out).toContain("inherited from production, 2 × 0.5 by scale");
});

function never(): never {
  throw new Error("it is not there");
}
