import { describe, expect, it } from "vitest";
import { hostOf, parseRequestHead, type RequestHead } from "./request-head.ts";

const parse = (...lines: readonly string[]): ReturnType<typeof parseRequestHead> =>
  parseRequestHead(lines.join("\r\n"));

function accepted(...lines: readonly string[]): RequestHead {
  const head = parse(...lines);
  if (!head.ok) throw new Error(head.reason);
  return head;
}

describe("a request head", () => {
  it("is read as it is written", () => {
    const head = accepted("POST /a?b=c HTTP/1.1", "Host: Shop.Test:80", "Content-Length: 5", "X-A:  b ");
    expect(head).toMatchObject({ method: "POST", target: "/a?b=c", authority: "Shop.Test:80", contentLength: 5 });
    expect(head.lines).toBe("\r\nHost: Shop.Test:80\r\nContent-Length: 5\r\nX-A:  b ");
  });

  it("loses what is between two neighbours, and what only the router may say", () => {
    const { lines } = accepted(
      "GET / HTTP/1.1",
      "Host: a",
      "Connection: keep-alive, X-Secret",
      "Keep-Alive: timeout=5",
      "X-Secret: 1",
      "X-Forwarded-For: 6.6.6.6",
      "x_forwarded_for: 6.6.6.6",
      "X-Forwarded-Prefix: /admin",
      "Forwarded: for=6.6.6.6",
      "X-Real-IP: 6.6.6.6",
      "TE: trailers",
      "Trailer: X",
      "Upgrade: h2c",
      "HTTP2-Settings: x",
      "Proxy-Connection: close",
      "Proxy-Authorization: Basic eA==",
      "Accept: */*",
    );
    expect(lines).toBe("\r\nHost: a\r\nAccept: */*");
  });

  it("keeps a well-formed request id and drops any other", () => {
    expect(accepted("GET / HTTP/1.1", "Host: a", "X-Request-Id: abc-1:2").requestId).toBe("abc-1:2");
    expect(accepted("GET / HTTP/1.1", "Host: a", 'X-Request-Id: a"b').requestId).toBeUndefined();
  });

  it("in absolute form says which host is meant, whatever its Host header says", () => {
    const head = accepted("GET http://shop.test?x=1 HTTP/1.1", "Host: evil.test", "Accept: a");
    expect(head).toMatchObject({ target: "/?x=1", authority: "shop.test", lines: "\r\nHost: shop.test\r\nAccept: a" });
  });

  it("of HTTP/1.0 needs no Host and closes unless it says otherwise", () => {
    expect(accepted("GET / HTTP/1.0")).toMatchObject({ wantsClose: true, authority: "" });
    expect(accepted("GET / HTTP/1.0", "Connection: keep-alive").wantsClose).toBe(false);
  });

  it("asks for a WebSocket only with both headers", () => {
    expect(accepted("GET / HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket").websocket).toBe(true);
    expect(accepted("GET / HTTP/1.1", "Host: a", "Upgrade: websocket").websocket).toBe(false);
    expect(accepted("GET / HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: h2c").websocket).toBe(false);
  });

  const get = "GET / HTTP/1.1";
  it.each([
    ["both framings", 400, [get, "Host: a", "Content-Length: 5", "Transfer-Encoding: chunked"]],
    ["both framings, other order", 400, [get, "Host: a", "Transfer-Encoding: chunked", "Content-Length: 5"]],
    ["two lengths", 400, [get, "Host: a", "Content-Length: 5", "Content-Length: 5"]],
    ["a list of lengths", 400, [get, "Host: a", "Content-Length: 5, 5"]],
    ["a signed length", 400, [get, "Host: a", "Content-Length: +5"]],
    ["a negative length", 400, [get, "Host: a", "Content-Length: -1"]],
    ["a hexadecimal length", 400, [get, "Host: a", "Content-Length: 0x5"]],
    ["an empty length", 400, [get, "Host: a", "Content-Length:"]],
    ["a length beyond counting", 400, [get, "Host: a", "Content-Length: 99999999999999999999"]],
    ["a tab after the length", 400, [get, "Host: a", "Content-Length: 5\t"]],
    ["a tab after the coding", 400, [get, "Host: a", "Transfer-Encoding: chunked\t"]],
    ["chunked twice", 501, [get, "Host: a", "Transfer-Encoding: chunked, chunked"]],
    ["two codings", 501, [get, "Host: a", "Transfer-Encoding: gzip, chunked"]],
    [
      "two Transfer-Encoding headers",
      400,
      [get, "Host: a", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    ],
    ["a vertical tab in the coding", 400, [get, "Host: a", "Transfer-Encoding: chunked\x0b"]],
    ["a space before the colon", 400, [get, "Host: a", "Transfer-Encoding : chunked"]],
    ["chunked in HTTP/1.0", 400, ["GET / HTTP/1.0", "Transfer-Encoding: chunked"]],
    ["a folded line", 400, [get, "Host: a", "X: b", " c"]],
    ["a first line that starts with a space", 400, [get, " Host: a"]],
    ["a bare line feed", 400, [get, "Host: a\nX: b"]],
    ["a bare carriage return", 400, [get, "Host: a\rX: b"]],
    ["a zero byte", 400, [get, "Host: a", "X: a\0b"]],
    ["a DEL", 400, [get, "Host: a", "X: a\x7fb"]],
    ["a name with a high bit", 400, [get, "Host: a", "X-\xe9: b"]],
    ["an empty name", 400, [get, "Host: a", ": b"]],
    ["no host", 400, [get, "X: a"]],
    ["two hosts", 400, [get, "Host: a", "Host: b"]],
    ["a list of hosts", 400, [get, "Host: a, b"]],
    ["a host with a path", 400, [get, "Host: a/b"]],
    ["a host with a user", 400, [get, "Host: u@a"]],
    ["a target with a high bit", 400, ["GET /\xe9 HTTP/1.1", "Host: a"]],
    ["a target with a space", 400, ["GET /a b HTTP/1.1", "Host: a"]],
    ["a target with a fragment", 400, ["GET /a#b HTTP/1.1", "Host: a"]],
    ["a target without a slash", 400, ["GET a HTTP/1.1", "Host: a"]],
    ["a target of another scheme", 400, ["GET file:///etc/passwd HTTP/1.1", "Host: a"]],
    ["a target with a user", 400, ["GET http://u@a/ HTTP/1.1", "Host: a"]],
    ["a star for GET", 400, ["GET * HTTP/1.1", "Host: a"]],
    ["CONNECT", 501, ["CONNECT a:443 HTTP/1.1", "Host: a"]],
    ["TRACE", 501, ["TRACE / HTTP/1.1", "Host: a"]],
    ["an unknown method", 501, ["FROB / HTTP/1.1", "Host: a"]],
    ["a method in lower case", 400, ["get / HTTP/1.1", "Host: a"]],
    ["HTTP/2", 505, ["GET / HTTP/2.0", "Host: a"]],
    ["HTTP/1.2", 505, ["GET / HTTP/1.2", "Host: a"]],
    ["a version with two digits", 400, ["GET / HTTP/1.10", "Host: a"]],
    ["HTTP/0.9", 400, ["GET /"]],
    ["a Connection that names the framing", 400, [get, "Host: a", "Content-Length: 1", "Connection: Content-Length"]],
    ["a Connection that names the host", 400, [get, "Host: a", "Connection: Host"]],
    ["an expectation that nobody knows", 417, [get, "Host: a", "Expect: miracles"]],
    ["an upgrade with a body", 400, [get, "Host: a", "Connection: upgrade", "Upgrade: websocket", "Content-Length: 1"]],
  ] as const)("with %s is refused", (_what, status, lines) => {
    expect(parse(...lines)).toMatchObject({ ok: false, status });
  });

  it("is read in linear time, however it is built", () => {
    // Fifty times the longest head that is read: in the square of that it would take minutes.
    const long = `GET / HTTP/1.1\r\nHost: a${"\r\nA:".repeat(400_000)}\r\n x`;
    expect(parseRequestHead(long).ok).toBe(false);
  });
});

describe("the host of an authority", () => {
  it.each([
    ["Shop.Test", "shop.test"],
    ["shop.test.:8080", "shop.test"],
    ["[::1]:80", "[::1]"],
    ["", ""],
  ])("of %s is %s", (authority, host) => expect(hostOf(authority)).toBe(host));
});
