import { describe, expect, it } from "vitest";
import { parseResponseHead } from "./response-head.ts";

const parse = (...lines: readonly string[]): ReturnType<typeof parseResponseHead> =>
  parseResponseHead(lines.join("\r\n"), "GET");

describe("the head of an answer", () => {
  it("that needs no change is passed on as it is", () => {
    expect(parse("HTTP/1.1 200 OK", "Content-Length: 3", "Connection: keep-alive")).toMatchObject({
      ok: true,
      status: 200,
      contentLength: 3,
      verbatim: true,
      closes: false,
    });
  });

  it("does not tell the client that the service closes its own connection", () => {
    const head = parse("HTTP/1.1 200 OK", "Content-Length: 3", "Connection: close, X-Hop", "X-Hop: 1", "A: b");
    expect(head).toMatchObject({ ok: true, closes: true, verbatim: false, lines: "\r\nContent-Length: 3\r\nA: b" });
  });

  it("tells how long the service keeps the connection, and only the router", () => {
    const head = parse("HTTP/1.1 200 OK", "Connection: keep-alive", "Keep-Alive: timeout=5", "Content-Length: 0");
    expect(head).toMatchObject({ ok: true, keepAlive: 5000, verbatim: false });
    expect(head.ok && head.lines).not.toContain("timeout");
  });

  it("knows answers without a body", () => {
    expect(parse("HTTP/1.1 304 Not Modified", "Content-Length: 9")).toMatchObject({ bodyless: true });
    expect(parseResponseHead("HTTP/1.1 200 OK\r\nContent-Length: 9", "HEAD")).toMatchObject({ bodyless: true });
  });

  it.each([
    ["two lengths", ["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 2"]],
    ["both framings", ["HTTP/1.1 200 OK", "Content-Length: 1", "Transfer-Encoding: chunked"]],
    ["an unknown coding", ["HTTP/1.1 200 OK", "Transfer-Encoding: gzip"]],
    ["a folded line", ["HTTP/1.1 200 OK", "A: b", " c"]],
    ["another protocol", ["SSH-2.0-OpenSSH_9.2"]],
    ["a line feed in a value", ["HTTP/1.1 200 OK", "A: b\nSet-Cookie: x"]],
  ] as const)("with %s is refused", (_what, lines) => {
    expect(parse(...lines)).toMatchObject({ ok: false, status: 502 });
  });
});
