import type { Knock } from "@fairway/engine";
import { afterEach, expect, test } from "vitest";
import type { WakeServer } from "./wake-server.ts";
import { openWakeServer } from "./wake-server.ts";

let server: WakeServer | undefined;
afterEach(() => server?.close());

const knockOf = (standing: Knock["standing"], answers = false): Knock =>
  ({ preview: { name: "pr-12" }, standing, answers }) as unknown as Knock;

/** Answers a request to it as the router would send one. */
async function ask(
  knock: (host: string) => Promise<Knock | null>,
  headers: Readonly<Record<string, string>> = {},
  path = "/orders?page=2",
): Promise<Response> {
  server = await openWakeServer(() => undefined);
  server.serve({ knock });
  const { host, port } = server.waker;
  return fetch(`http://${host}:${port}${path}`, { redirect: "manual", headers });
}

test("a request that wakes a preview is held until somebody answers, and then sent to the same place once more", async () => {
  let knocks = 0;
  const answer = await ask(async () => {
    knocks += 1;
    return knockOf("ready", knocks >= 3);
  });
  expect([answer.status, answer.headers.get("location")]).toEqual([307, "/orders?page=2"]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(knocks).toBe(3);
});

test("who comes while it is built is told so, and when to come again", async () => {
  const answer = await ask(async () => knockOf("building"));
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "3"]);
  expect(await answer.json()).toEqual({ message: "The preview pr-12 is being built" });
});

test("people get a page that asks again by itself and runs nothing", async () => {
  const answer = await ask(async () => knockOf("failed"), { accept: "text/html,*/*" });
  expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'");
  const page = await answer.text();
  expect(page).toContain('http-equiv="refresh"');
  expect(page).toContain("pr-12 could not be built or started");
});

test("the router's question whether it is well wakes nobody", async () => {
  const answer = await ask(() => Promise.reject(new Error("nobody was to knock")), {}, "/.fairway/waker");
  expect(answer.status).toBe(204);
});

test("a host that is no preview's, and a database that is away, are told as nothing that answers", async () => {
  expect((await ask(async () => null)).status).toBe(503);
  await server?.close();
  const answer = await ask(() => Promise.reject(new Error("secret words of the database")));
  expect([answer.status, await answer.text()]).toEqual([503, '{"message":"Nothing answers here"}']);
});

test("an address that is none, for load balancers elsewhere, is refused with what to write", async () => {
  await expect(openWakeServer(() => undefined, "7080")).rejects.toMatchObject({
    code: "bad_request",
    hint: "write an address and a port: 0.0.0.0:7080",
  });
});
