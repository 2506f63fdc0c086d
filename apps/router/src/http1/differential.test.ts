import { describe, expect, it } from "vitest";
import { forwardedHead } from "../proxy/forwarded-head.ts";
import { LlhttpOracle, type Understanding } from "../testing/llhttp-oracle.ts";
import { mutatedRequest, randomFrom } from "../testing/request-mutations.ts";
import { broken, CountedBody, goesOn } from "./body-framing.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { parseRequestHead, type RequestHead } from "./request-head.ts";

const runs = Number(process.env["FAIRWAY_FUZZ_REQUESTS"] ?? 20_000);
const seed = Number(process.env["FAIRWAY_FUZZ_SEED"] ?? 20_261_121);
const batch = 500;
const nothing: Understanding = { requests: [], upgraded: false, error: "not asked" };

/** A second request, which must be found just where the first one ends. */
const sentinel = "GET /sentinel HTTP/1.1\r\nHost: s\r\n\r\n";

interface Taken {
  readonly head: RequestHead;
  /** Whether the body's end was among the bytes. */
  readonly whole: boolean;
  readonly message: Buffer;
  readonly body: Buffer;
}

/** What the router takes as one request; undefined when it refuses or waits for the rest of the head. */
function taken(bytes: Buffer): Taken | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = parseRequestHead(bytes.toString("latin1", 0, headEnd));
  if (!head.ok) return undefined;
  const from = headEnd + 4;
  const framing = head.chunked
    ? new ChunkedBody({ trailers: false })
    : new CountedBody(Math.max(0, head.contentLength));
  const end = framing.feed(bytes, from);
  if (end === broken) return undefined;
  const to = end === goesOn ? bytes.length : end;
  return { head, whole: end !== goesOn, message: bytes.subarray(0, to), body: bytes.subarray(from, to) };
}

/** Whether a second request may follow: llhttp reads on after a whole one that does not end the connection. */
const followed = ({ head, whole }: Taken): boolean => whole && !head.websocket && !head.wantsClose && head.minor === 1;

const bodyOf = ({ head, body }: Taken): number =>
  head.chunked ? Number.parseInt(body.toString("latin1"), 16) : Math.max(0, head.contentLength);

/** How llhttp's understanding differs from the router's; undefined when it does not. */
function disagreement(request: Taken, seen: Understanding, target: string): string | undefined {
  const [first, second] = seen.requests;
  if (first === undefined) return `nothing was understood (${seen.error})`;
  if (first.method !== request.head.method || first.url !== target) return `it is ${first.method} ${first.url}`;
  if (seen.upgraded) return undefined;
  if (!request.whole) return seen.requests.length > 1 || first.whole ? "it was already whole" : undefined;
  if (seen.error !== null) return seen.error;
  if (!first.whole) return "it was not whole";
  const more = followed(request) ? 1 : 0;
  if (seen.requests.length !== 1 + more) return `${seen.requests.length} requests were found`;
  if (more === 1 && second?.url !== "/sentinel") return "what follows was read wrongly";
  return first.bodyBytes === bodyOf(request) ? undefined : `its body has ${first.bodyBytes} bytes`;
}

/** What would be wrong with the bytes a service gets, when llhttp reads them. */
function doubled(seen: Understanding): string | undefined {
  const headers = seen.requests[0]?.headers ?? {};
  for (const name of ["x-forwarded-for", "x-forwarded-proto", "x-request-id", "host", "content-length", "connection"]) {
    if ((headers[name]?.length ?? 0) > 1) return `${name} is there twice`;
  }
  return headers["x-forwarded-for"]?.[0] === "client" ? undefined : "X-Forwarded-For is not the router's";
}

describe("the router's request parser", () => {
  it(
    `agrees with llhttp on every request it takes (${runs} mutated requests, seed ${seed})`,
    async () => {
      const oracle = new LlhttpOracle();
      const random = randomFrom(seed);
      const found: string[] = [];
      let accepted = 0;
      for (let done = 0; done < runs; done += batch) {
        const requests = Array.from({ length: batch }, () => taken(mutatedRequest(random))).filter(
          (one) => one !== undefined,
        );
        accepted += requests.length;
        const withSentinel = (one: Taken, bytes: Buffer): Buffer =>
          followed(one) ? Buffer.concat([bytes, Buffer.from(sentinel)]) : bytes;
        const received = await oracle.ask(requests.map((one) => withSentinel(one, one.message)));
        for (const [i, one] of requests.entries()) {
          const seen = received[i] ?? nothing;
          const why = disagreement(one, seen, seen.requests[0]?.url ?? "");
          if (why !== undefined) found.push(`received: ${why}: ${JSON.stringify(one.message.toString("latin1"))}`);
        }
        const sent = requests.map((one) => {
          const head = forwardedHead(one.head, one.head.target, "client", one.head.requestId ?? "id-1");
          return withSentinel(one, Buffer.concat([Buffer.from(head, "latin1"), one.body]));
        });
        const arrived = await oracle.ask(sent);
        for (const [i, one] of requests.entries()) {
          const seen = arrived[i] ?? nothing;
          const why = disagreement(one, seen, one.head.target) ?? doubled(seen);
          if (why !== undefined) found.push(`forwarded: ${why}: ${JSON.stringify(sent[i]?.toString("latin1"))}`);
        }
      }
      expect(found.slice(0, 5)).toEqual([]);
      expect(accepted).toBeGreaterThan(runs / 20);
    },
    10_000 + runs,
  );
});
