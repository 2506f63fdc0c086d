import type { RequestHead } from "../http1/request-head.ts";

/** How a request ended. */
export type Outcome =
  | "answered"
  /** The connection is a WebSocket from here on. */
  | "switched"
  /** Answered by the router itself; `error` says what. */
  | "own answer"
  /** The service broke off in the middle of its answer. */
  | "truncated"
  /** The client went away before its answer was whole. */
  | "abandoned";

/** What is known of a request when it is over. Head and what follows from it are null when it could not be read. */
export interface Access {
  readonly requestId: string;
  readonly client: string;
  readonly listener: string;
  readonly head: RequestHead | null;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly error?: string;
  /** From the head of the request to the end of the answer. */
  readonly milliseconds: number;
  readonly route?: string;
  readonly release?: string;
  readonly replica?: string;
  /** How often it was sent to a service. */
  readonly tries?: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const longestPath = 1000;
const longestQuery = 300;
const longestAgent = 200;

/** Whether it is in the log however few are: the router or the service failed, or the answer is not whole. */
export const isTrouble = ({ status, outcome }: Access): boolean =>
  status >= 500 || outcome === "truncated" || outcome === "abandoned";

/**
 * One line of the log. Of the headers it has the host and the user agent only: cookies, authorization and where a user
 * came from are never in it. Of a query it has the names, unless `queries` says that values are harmless here.
 */
export function accessLine(access: Access, at: Date, settings: { sample: number; queries: boolean }): string {
  const { head, milliseconds, ...rest } = access;
  const [path, query] = splitTarget(head?.target ?? "");
  const agent = head === null ? undefined : /\r\nuser-agent:[ \t]*([^\r]*)/i.exec(head.lines)?.[1];
  const said = query === undefined || settings.queries ? query : namesOf(query);
  return `${JSON.stringify({
    at: at.toISOString(),
    ...(head === null ? {} : { method: head.method, host: head.authority, path: path.slice(0, longestPath) }),
    ...(said === undefined ? {} : { query: said.slice(0, longestQuery) }),
    ...rest,
    milliseconds: Math.round(milliseconds * 10) / 10,
    ...(agent === undefined ? {} : { userAgent: agent.slice(0, longestAgent) }),
    // So that a line can be counted for as many as it stands for.
    ...(settings.sample < 1 && !isTrouble(access) ? { sample: settings.sample } : {}),
  })}\n`;
}

function splitTarget(target: string): readonly [string, string?] {
  const mark = target.indexOf("?");
  return mark < 0 ? [target] : [target.slice(0, mark), target.slice(mark + 1)];
}

/** `a=1&b=2` as `a=…&b=…`. A part without `=` may be a secret as a whole. */
const namesOf = (query: string): string =>
  query
    .split("&", 50)
    .map((part) => (part.includes("=") ? `${part.slice(0, part.indexOf("="))}=…` : "…"))
    .join("&");
