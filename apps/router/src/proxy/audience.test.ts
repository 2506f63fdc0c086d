import { describe, expect, it } from "vitest";
import type { Route } from "@fairway/core";
import { getOnce, group, route, table, testPlane } from "../testing/plane.ts";
import { deadPort, httpService, namedService, upgradeAnswer, rawService } from "../testing/services.ts";

const audience: NonNullable<Route["audience"]> = {
  release: group("r2", []).release,
  sticky: true,
  match: { headers: { "X-Beta": "yes" } },
};
const cookieIn = (text: string): string => /\r\nSet-Cookie: ([^;\r]*)/.exec(text)?.[1] ?? "";
const nameIn = (text: string): string => /"name":"(\w+)"/.exec(text)?.[1] ?? "";

async function world(share: number, newPort?: number) {
  const ports = { old: await namedService("old"), new: newPort ?? (await namedService("new")) };
  const web = (weight: number): Route =>
    route([group("r1", [ports.old], 100 - weight), group("r2", [ports.new], weight)], { audience });
  const made = await testPlane({ web: web(share) }, { holdFor: 300 });
  return { ...made, shift: (weight: number) => made.plane.apply(table({ web: web(weight) })) };
}

describe("while one release of a route is new", () => {
  it("a client stays with the release that it met, and its answers are otherwise as they were", async () => {
    const { ask, shift } = await world(50);
    const first = [(await ask(getOnce("/"))).text, (await ask(getOnce("/"))).text];
    expect(first.map(nameIn).toSorted()).toEqual(["new", "old"]);
    for (const text of first) {
      const cookie = cookieIn(text);
      expect(cookie).toMatch(/^fairway-/);
      for (let i = 0; i < 3; i++) {
        const again = (await ask(getOnce("/", `Cookie: ${cookie}\r\n`))).text;
        expect([nameIn(again), cookieIn(again)]).toEqual([nameIn(text), ""]);
      }
    }
    shift(100);
    const [met = ""] = first.filter((text) => nameIn(text) === "new").map(cookieIn);
    expect(nameIn((await ask(getOnce("/", `Cookie: ${met}\r\n`))).text)).toBe("new");
  });

  it("those that always meet it do so before it has any share, and get no cookie", async () => {
    const { ask, plane } = await world(0);
    const beta = (await ask(getOnce("/", "X-Beta: yes\r\n"))).text;
    expect([nameIn(beta), cookieIn(beta)]).toEqual(["new", ""]);
    for (let i = 0; i < 4; i++) expect(nameIn((await ask(getOnce("/"))).text)).toBe("old");
    const figures = plane.traffic()["web"];
    expect([figures?.["r1"]?.requests, figures?.["r2"]?.requests]).toEqual([4, 1]);
  });

  it("nobody is left without an answer because the release that is theirs is away", async () => {
    const { ask } = await world(99, await deadPort());
    expect(nameIn((await ask(getOnce("/", "X-Beta: yes\r\n"))).text)).toBe("old");
    for (let i = 0; i < 5; i++) expect(nameIn((await ask(getOnce("/"))).text)).toBe("old");
  });

  it("the other services of the environment get no cookies", async () => {
    const { internalPort } = await world(50);
    const answer = await fetch(`http://127.0.0.1:${internalPort}/api/`);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  it("the cookie comes beside those of the service, and with a WebSocket", async () => {
    const port = await httpService((_, answer) => {
      answer.writeHead(200, { "Set-Cookie": ["a=1", "b=2"] }).end();
    });
    const { ask } = await testPlane({ web: route([group("r2", [port], 1)], { audience }) });
    const { text } = await ask(getOnce("/"));
    expect(text.match(/\r\nSet-Cookie: /g)).toHaveLength(3);

    const sockets = await rawService((socket) => {
      socket.on("data", (bytes) => socket.end(upgradeAnswer(bytes.toString("latin1"))));
    });
    const other = await testPlane({ web: route([group("r2", [sockets], 1)], { audience }) });
    const client = other.client();
    client.send(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await client.until(({ text: head }) => head.includes("\r\n\r\n"));
    expect(cookieIn(client.text)).toMatch(/^fairway-/);
  });
});
