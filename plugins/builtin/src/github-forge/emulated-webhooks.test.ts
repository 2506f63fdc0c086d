import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Delivery, ForgeEvent } from "@fairway/core";
import type { Emulator } from "emulate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emulatedGitHub, emulatedToken } from "../../fixtures/emulated-github.ts";
import { readWebhook } from "./read-webhook.ts";

// The signatures, headers and bodies here are made by the emulator, not by us.

const secret = "a secret that only the two of us know";
const received: Delivery[] = [];
let heard = (): void => undefined;
const receiver = createServer((request, response) => {
  void buffer(request).then((body) => {
    received.push({ headers: request.headers as Delivery["headers"], body });
    response.writeHead(202).end();
    heard();
  });
});
let github: Emulator;

beforeAll(async () => {
  github = await emulatedGitHub();
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks/github`;
  const config = { url, content_type: "json", secret };
  hook = await ask("POST", "/repos/acme/shop/hooks", { name: "web", events: ["*"], config });
});
afterAll(async () => {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await github?.close();
});
let hook: Readonly<Record<string, unknown>>;

async function ask(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${github.url.replace("localhost", "127.0.0.1")}${path}`, {
    method,
    headers: { authorization: `Bearer ${emulatedToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${said}`);
  return (said === "" ? {} : JSON.parse(said)) as Readonly<Record<string, unknown>>;
}

/** The delivery that something leads to: the first of this event that has not been read yet. */
async function deliveryOf(event: string): Promise<Delivery> {
  for (;;) {
    const found = received.find(({ headers }) => headers["x-github-event"] === event);
    if (found !== undefined) {
      received.splice(received.indexOf(found), 1);
      return found;
    }
    await new Promise<void>((resolve) => (heard = resolve));
  }
}

const ours = { secrets: ["the next one", secret], repository: "acme/shop" };
function eventIn(delivery: Delivery): Omit<ForgeEvent, "payload"> | null | string {
  const reading = readWebhook(delivery, ours);
  if (!reading.accepted) return `${reading.status} ${reading.why}`;
  if (reading.event === null) return null;
  const { payload: _payload, ...rest } = reading.event;
  return rest;
}
const tip = async (): Promise<string> =>
  ((await ask("GET", "/repos/acme/shop/git/ref/heads/main"))["object"] as { readonly sha: string }).sha;
const change = (file: string, branch: string): Promise<unknown> =>
  ask("PUT", `/repos/acme/shop/contents/${file}`, {
    ...{ message: `Add ${file}`, content: Buffer.from(file).toString("base64"), branch },
  });

test("what somebody else's GitHub signs is read as what happened there", async () => {
  await ask("POST", `/repos/acme/shop/hooks/${String(hook["id"])}/pings`);
  expect(eventIn(await deliveryOf("ping"))).toBeNull();

  const before = await tip();
  await change("one.txt", "main");
  const after = await tip();
  expect(eventIn(await deliveryOf("push"))).toMatchObject({
    ...{ kind: "push", ref: "refs/heads/main", before, after, by: "acme" },
  });

  await ask("POST", "/repos/acme/shop/git/refs", { ref: "refs/heads/topic", sha: before });
  expect(eventIn(await deliveryOf("create"))).toMatchObject({ kind: "other", name: "create" });
  // Without the list of its commits, which GitHub sends and nothing here needs.
  await ask("PATCH", "/repos/acme/shop/git/refs/heads/topic", { sha: after });
  expect(eventIn(await deliveryOf("push"))).toMatchObject({ kind: "push", ref: "refs/heads/topic", before, after });
  await change("two.txt", "topic");
  await deliveryOf("push");

  const asked = { title: "Two $(touch pwned)", head: "topic", base: "main" };
  const { number } = await ask("POST", "/repos/acme/shop/pulls", asked);
  const pull = { kind: "pull-request", number, title: asked.title, fromFork: false };
  const sides = { head: { ref: "topic" }, base: { ref: "main", sha: after } };
  const opened = await deliveryOf("pull_request");
  expect(eventIn(opened)).toMatchObject({ ...pull, ...sides, action: "opened", state: "open" });
  await ask("PATCH", `/repos/acme/shop/pulls/${String(number)}`, { state: "closed" });
  expect(eventIn(await deliveryOf("pull_request"))).toMatchObject({ ...pull, action: "closed", state: "closed" });

  // One and the same body, changed in one place, told as something else, or signed for somebody else.
  const changed = Buffer.from(Buffer.from(opened.body).toString().replace("touch pwned", "touch Pwned"));
  expect(eventIn({ ...opened, body: changed })).toMatch(/^401 /u);
  for (const name of ["push", "issues", "release", "pull_request_review", "create"])
    expect(eventIn({ ...opened, headers: { ...opened.headers, "x-github-event": name } })).toMatch(/^400 /u);
  expect(readWebhook(opened, { ...ours, secrets: ["another"] })).toMatchObject({ accepted: false, status: 401 });
  expect(readWebhook(opened, { ...ours, repository: "acme/other" })).toMatchObject({ accepted: false, status: 400 });
});
