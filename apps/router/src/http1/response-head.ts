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

/** The head of an answer as the router understood it. */
export interface ResponseHead {
  readonly ok: true;
  readonly status: number;
  /** -1 when there is no `Content-Length`. */
  readonly contentLength: number;
  readonly chunked: boolean;
  /** No body follows, whatever the headers say. */
  readonly bodyless: boolean;
  /** The service ends its connection after this answer. */
  readonly closes: boolean;
  readonly eventStream: boolean;
  /** How long the service keeps an idle connection, as it says; 0 when it does not. */
  readonly keepAlive: number;
  readonly statusLine: string;
  /** What is forwarded. */
  readonly lines: HeaderLines;
  /** Whether the bytes as received are already what is to be forwarded. */
  readonly verbatim: boolean;
}

const headPattern = new RegExp(
  String.raw`^(HTTP\/1\.([01]) (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?)(${headerLinesPattern})$`,
);
const notable =
  /\r\n(content-length|content-type|transfer-encoding|connection|keep-alive|proxy-connection|upgrade):[ \t]*([^\r]*)/gi;

/** Reads the head of a service's answer to `method`, without its final empty line, given as latin1 text. */
export function parseResponseHead(text: string, method: string): ResponseHead | Refusal {
  const match = headPattern.exec(text);
  if (match === null) return refuse(502, "malformed answer head");
  const minor = match[2] === "1" ? 1 : 0;
  const status = Number(match[3]);
  let lines = match[4] as string;
  let contentLength = -1;
  let chunked = false;
  let closes = minor === 0;
  let eventStream = false;
  let keepAlive = 0;
  let named: Set<string> | undefined;
  const cut: number[] = [];

  notable.lastIndex = 0;
  for (let found = notable.exec(lines); found !== null; found = notable.exec(lines)) {
    const value = withoutTrailingSpace(found[2] as string);
    switch ((found[1] as string).toLowerCase()) {
      case "content-length":
        if (!lengthPattern.test(value)) return refuse(502, "malformed Content-Length in the answer");
        if (contentLength >= 0) return refuse(502, "two Content-Length headers in the answer");
        contentLength = Number(value);
        continue;
      case "content-type":
        eventStream = /^text\/event-stream\b/i.test(value);
        continue;
      case "transfer-encoding":
        if (chunked || minor === 0 || value.toLowerCase() !== "chunked") {
          return refuse(502, "an answer with a Transfer-Encoding other than chunked");
        }
        chunked = true;
        continue;
      case "connection":
        // Most services say nothing or just this, and it is as true of our connection to the client.
        if (value.toLowerCase() === "keep-alive") {
          if (minor === 0) closes = false;
          else continue;
        } else {
          for (const member of listMembers(value)) {
            if (member === "close") closes = true;
            else if (member !== "keep-alive" && member !== "upgrade") (named ??= new Set()).add(member);
          }
        }
        break;
      case "keep-alive": {
        const seconds = /timeout=(\d{1,6})/i.exec(value)?.[1];
        if (seconds !== undefined) keepAlive = Number(seconds) * 1000;
        break;
      }
      case "upgrade":
        if (status === 101) continue;
        break;
    }
    cut.push(found.index, found.index + found[0].length);
  }

  if (chunked && contentLength >= 0) return refuse(502, "an answer with Content-Length and Transfer-Encoding");
  if (cut.length > 0) lines = withoutRanges(lines, cut);
  if (named !== undefined) lines = withoutNamed(lines, named);
  return {
    ok: true,
    status,
    contentLength,
    chunked,
    closes,
    eventStream,
    keepAlive,
    lines,
    bodyless: method === "HEAD" || status < 200 || status === 204 || status === 304,
    statusLine: match[1] as string,
    verbatim: cut.length === 0 && minor === 1,
  };
}
