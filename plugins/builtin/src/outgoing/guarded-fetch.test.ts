import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { codeOf, messageOf } from "@fairway/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addressGuard } from "./address-guard.ts";
import { guardedFetch } from "./guarded-fetch.ts";

let asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  if (request.url === "/away") response.writeHead(302, { location: "http://169.254.169.254/latest" }).end();
  else if (request.url === "/long") response.end("x".repeat(5000));
  else response.setHeader("x-one", "1").end(`${request.method} ${request.headers["user-agent"]}`);
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const local = { allowPrivate: ["127.0.0.1/32"] };
const refusalOf = async (work: Promise<unknown>): Promise<readonly [string | undefined, string]> =>
  work.then(
    () => ["none", ""] as const,
    (thrown: unknown) => [codeOf(thrown), messageOf(thrown)] as const,
  );

test("asks where it may, and tells status, headers and body", async () => {
  const outgoing = guardedFetch(local);
  const answer = await outgoing.ask({ method: "POST", url: `http://127.0.0.1:${port}/a`, body: "{}" });
  expect([answer.status, answer.headers["x-one"], answer.body]).toEqual([200, "1", "POST fairway"]);
  await outgoing.close();
});

test.each([
  "http://127.0.0.1/",
  "http://localhost/",
  "http://0x7f.1/",
  "http://2130706433/",
  "http://0177.0.0.1/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:a9fe:a9fe]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "http://[fd00::1]/",
  "http://[fe80::1]/",
  "http://0.0.0.0/",
  "http://10.0.0.1/",
  "http://100.64.0.1/",
  "http://169.254.169.254/latest/meta-data",
  "http://172.31.255.255/",
  "http://192.168.1.1/",
  "http://198.18.0.1/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://example.com:22/",
  "http://example.com:25/",
  "file:///etc/passwd",
  "gopher://example.com/",
  "https://user:secret@example.com/",
  "not a url",
])("%s is asked nothing", async (url) => {
  const outgoing = guardedFetch({
    resolve: async (host) => (host === "localhost" ? [{ address: "127.0.0.1", family: 4 }] : []),
  });
  const [code, message] = await refusalOf(outgoing.ask({ method: "GET", url }));
  expect(code).toBe("bad_request");
  expect(message).not.toContain("secret");
  await outgoing.close();
});

test("a name with one private address among public ones is asked nothing, and so is one that changes its mind", async () => {
  const before = asked.length;
  const both = guardedFetch({
    resolve: async () => [
      { address: "93.184.216.34", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ],
  });
  expect((await refusalOf(both.ask({ method: "GET", url: `http://two.example:${port}/` })))[0]).toBe("bad_request");
  await both.close();
  // The address that is looked at is the one that is connected to: there is no second answer to change.
  let answers = 0;
  const rebinding = guardedFetch({
    resolve: async () => [{ address: (answers += 1) === 1 ? "127.0.0.1" : "93.184.216.34", family: 4 }],
  });
  expect((await refusalOf(rebinding.ask({ method: "GET", url: `http://rebind.example:${port}/` })))[0]).toBe(
    "bad_request",
  );
  await rebinding.close();
  expect([asked.length, answers]).toEqual([before, 1]);
});

test("a redirect is an answer and is not followed, and too long an answer is none", async () => {
  asked = [];
  const outgoing = guardedFetch({ ...local, longestAnswer: 1000 });
  const answer = await outgoing.ask({ method: "GET", url: `http://127.0.0.1:${port}/away` });
  expect([answer.status, asked]).toEqual([302, ["/away"]]);
  const [code] = await refusalOf(outgoing.ask({ method: "GET", url: `http://127.0.0.1:${port}/long` }));
  expect(code).toBe("target_unreachable");
  await outgoing.close();
});

test("no private address of any spelling passes, and every public one does", () => {
  const guard = addressGuard();
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [a = 0, b = 0, c = 0] = address.split(".").map(Number);
      const isOwn =
        [0, 10, 127].includes(a) ||
        a >= 224 ||
        (a === 100 && b >= 64 && b < 128) ||
        (a === 169 && b === 254) ||
        (a === 172 && b >= 16 && b < 32) ||
        (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99))) ||
        (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
        (a === 203 && b === 0 && c === 113);
      expect(guard.refusal(address) !== null).toBe(isOwn);
      expect(guard.refusal(`::ffff:${address}`)).not.toBeNull();
    }),
  );
  const some = addressGuard({ allowPrivate: ["10.1.0.0/16", "10.3.0.1"] });
  expect(["10.1.2.3", "10.3.0.1"].map((address) => some.refusal(address))).toEqual([null, null]);
  expect(["10.2.2.3", "10.3.0.2"].map((address) => some.refusal(address) !== null)).toEqual([true, true]);
});
