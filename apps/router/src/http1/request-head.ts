import {
  headerLinesPattern,
  lengthPattern,
  listMembers,
  withoutNamed,
  withoutRanges,
  withoutTrailingSpace,
  type HeaderLines,
} from "./header-lines.ts";
import { refuse, type Refusal } from "./refusal.ts";

/** The head of a request as the router understood it. */
export interface RequestHead {
  readonly ok: true;
  readonly method: string;
  /** In origin form, or `*`. */
  readonly target: string;
  readonly minor: 0 | 1;
  /** The `Host` as sent; empty when an HTTP/1.0 client sent none. */
  readonly authority: string;
  /** -1 when there is no `Content-Length`. */
  readonly contentLength: number;
  readonly chunked: boolean;
  /** The client wants the connection ended after the answer. */
  readonly wantsClose: boolean;
  readonly websocket: boolean;
  readonly expectsContinue: boolean;
  /** As the client sent it, when it is well-formed. */
  readonly requestId: string | undefined;
  /** What is forwarded: all lines but those between two neighbours and those that only the router may say. */
  readonly lines: HeaderLines;
}

const methods = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "PROPFIND",
  "PROPPATCH",
  "MKCOL",
  "COPY",
  "MOVE",
  "LOCK",
  "UNLOCK",
  "REPORT",
  "SEARCH",
  "PURGE",
]);

const headPattern = new RegExp(String.raw`^([A-Z]+) ([\x21\x22\x24-\x7e]+) HTTP\/1\.([01])(${headerLinesPattern})$`);
const otherVersion = /^[A-Z]+ \S+ HTTP\/(?!1\.[01](?:\r|$))\d\.\d(?:\r\n|$)/;

/** Every header that the router reads or never passes on. The `_` spellings are the same name to CGI-like servers. */
const notable =
  /\r\n(host|content-length|transfer-encoding|connection|keep-alive|proxy-connection|proxy-authorization|te|trailer|upgrade|expect|http2-settings|forwarded|x[-_]forwarded[-_][-_a-z]+|x[-_]real[-_]ip|x[-_]request[-_]id):[ \t]*([^\r]*)/gi;

const authorityPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%-]*)(?::[0-9]{0,5})?$/;
const absoluteForm = /^https?:\/\/([^/?]+)(.*)$/i;
const requestIdPattern = /^[A-Za-z0-9._:~-]{1,128}$/;
const neverNamedByConnection = new Set(["host", "content-length", "transfer-encoding"]);

/**
 * Reads a request head, without its final empty line, given as latin1 text. What is not fully understood is refused
 * and never guessed: two parties that read one message in two ways is how requests are smuggled.
 */
export function parseRequestHead(text: string): RequestHead | Refusal {
  const match = headPattern.exec(text);
  if (match === null) {
    return otherVersion.test(text) ? refuse(505, "only HTTP/1.0 and HTTP/1.1") : refuse(400, "malformed request head");
  }
  const method = match[1] as string;
  let target = match[2] as string;
  const minor = match[3] === "1" ? 1 : 0;
  let lines = match[4] as string;
  if (!methods.has(method)) return refuse(501, `method ${method.slice(0, 20)} is not served`);

  let authority: string | undefined;
  let contentLength = -1;
  let chunked = false;
  let wantsClose = minor === 0;
  let upgrade = "";
  let wantsUpgrade = false;
  let expectsContinue = false;
  let requestId: string | undefined;
  let named: Set<string> | undefined;
  const cut: number[] = [];

  notable.lastIndex = 0;
  for (let found = notable.exec(lines); found !== null; found = notable.exec(lines)) {
    const value = withoutTrailingSpace(found[2] as string);
    switch ((found[1] as string).toLowerCase()) {
      case "host":
        if (authority !== undefined) return refuse(400, "two Host headers");
        if (!authorityPattern.test(value)) return refuse(400, "malformed Host");
        authority = value;
        continue;
      case "content-length":
        if (contentLength >= 0) return refuse(400, "two Content-Length headers");
        if (!lengthPattern.test(value) || endsInTab(found)) return refuse(400, "malformed Content-Length");
        contentLength = Number(value);
        continue;
      case "transfer-encoding":
        if (minor === 0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
        if (chunked) return refuse(400, "two Transfer-Encoding headers");
        if (endsInTab(found)) return refuse(400, "malformed Transfer-Encoding");
        if (value.toLowerCase() !== "chunked") return refuse(501, "only the chunked Transfer-Encoding is served");
        chunked = true;
        continue;
      case "expect":
        if (value.toLowerCase() !== "100-continue") return refuse(417, "only Expect: 100-continue is met");
        expectsContinue = minor === 1;
        break;
      case "connection":
        for (const member of listMembers(value)) {
          if (member === "close") wantsClose = true;
          else if (member === "upgrade") wantsUpgrade = true;
          else if (member !== "keep-alive") (named ??= new Set()).add(member);
          else if (minor === 0) wantsClose = false;
        }
        break;
      case "upgrade":
        upgrade = value.toLowerCase();
        break;
      case "x-request-id":
        if (requestIdPattern.test(value)) requestId ??= value;
        break;
    }
    cut.push(found.index, found.index + found[0].length);
  }

  if (chunked && contentLength >= 0) return refuse(400, "both Content-Length and Transfer-Encoding");
  if (authority === undefined && minor === 1) return refuse(400, "no Host header");
  if (cut.length > 0) lines = withoutRanges(lines, cut);
  if (named !== undefined) {
    for (const name of named) {
      if (neverNamedByConnection.has(name)) return refuse(400, `Connection names ${name}`);
    }
    lines = withoutNamed(lines, named);
  }

  if (target.charCodeAt(0) !== 0x2f && !(target === "*" && method === "OPTIONS")) {
    // RFC 9112 3.2.2: a server takes the absolute form too, and what it says goes before the Host header.
    const absolute = absoluteForm.exec(target);
    const named = absolute?.[1];
    if (absolute === null || named === undefined || !authorityPattern.test(named))
      return refuse(400, "malformed target");
    authority = named;
    target = absolute[2]?.startsWith("/") ? absolute[2] : `/${absolute[2] ?? ""}`;
    lines = `\r\nHost: ${named}${withoutNamed(lines, new Set(["host"]))}`;
  }

  const websocket = wantsUpgrade && upgrade === "websocket" && method === "GET" && minor === 1;
  if (websocket && (chunked || contentLength > 0)) return refuse(400, "an upgrade with a body");
  return {
    ok: true,
    method,
    target,
    minor,
    authority: authority ?? "",
    contentLength,
    chunked,
    wantsClose,
    websocket,
    expectsContinue,
    requestId,
    lines,
  };
}

/** White space that the RFC allows after a value and llhttp does not: whatever says where a body ends must not differ. */
const endsInTab = (found: RegExpExecArray): boolean => found[2]?.includes("\t") === true;

/** The host part of an authority as routes name it: lower case, without port and final dot. */
export function hostOf(authority: string): string {
  const bracket = authority.lastIndexOf("]");
  const colon = authority.indexOf(":", bracket + 1);
  const host = (colon < 0 ? authority : authority.slice(0, colon)).toLowerCase();
  return host.endsWith(".") ? host.slice(0, -1) : host;
}
