import type { IncomingMessage } from "node:http";
import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { rootCertificates } from "node:tls";
import type { Millis, RegistryAccess } from "@fairway/core";
import { FairwayError, codeOf } from "@fairway/core";
import { hasCode } from "../process-host/system-error.ts";
import type { Challenge } from "./challenge.ts";
import { challengeOf } from "./challenge.ts";
import type { RegistryHops } from "./hops.ts";
import { registryHops } from "./hops.ts";
import { noAnswer, registryTrouble, secondsOf, tooSlow } from "./registry-trouble.ts";

/** One question to a registry. */
export interface RegistryQuestion {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** From the root, or an address that the registry gave. */
  readonly path: string;
  /** What it is about, for an error: `read the manifest of shop/api`. */
  readonly what: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses besides 2xx that are answers; all others throw. */
  readonly answers?: readonly number[];
}

/** What came back, read whole. */
export interface RegistryReply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** How patient one is with a registry. */
export interface RegistryPatience {
  /** For one answer, all of it. */
  readonly answerWithin: Millis;
  /** Between two pieces of a layer. */
  readonly idle: Millis;
}

/** Of the border between a network of one's own and the internet. */
type Side = "inside" | "outside";

const usualPatience: RegistryPatience = { answerWithin: 30_000, idle: 30_000 };

/** A manifest has at most this many bytes (distribution specification, pushing manifests). */
const mostBytes = 4 * 1024 * 1024;
const mostRedirects = 3;
/** A registry that asks to be left alone for longer is not waited for: the attempt ends, and is made again by a person. */
const longestWait = 5;
const mostWaits = 3;

/** Asks one registry, and shows it who we are when it wants to know. */
export interface RegistryConnection {
  ask(question: RegistryQuestion): Promise<RegistryReply>;
  /** The same for what may be long: handed on piece by piece. Null for an answer that is not 2xx. */
  read(question: RegistryQuestion, take: (piece: Uint8Array) => void): Promise<{ readonly status: number }>;
}

// No library: @sigstore/oci, the kept one, takes no authority of one's own, no deadline, and deletes nothing.
export function registryConnection(
  { host, insecure, ca, login }: RegistryAccess,
  patience: RegistryPatience = usualPatience,
  hops: RegistryHops = registryHops(),
): RegistryConnection {
  const origin = `${insecure ? "http" : "https"}://${host}`;
  const agentsOf = (side: Side): { readonly plain: PlainAgent; readonly tls: TlsAgent } => {
    const few = { keepAlive: true, maxSockets: 8, lookup: hops[side].lookup };
    const authorities = ca === null ? {} : { ca: [...rootCertificates, ca] };
    return { plain: new PlainAgent(few), tls: new TlsAgent({ ...few, ...authorities }) };
  };
  // Apart, so that no connection that was made for one side is used for the other.
  const agents = { inside: agentsOf("inside"), outside: agentsOf("outside") };
  /** Which side the registry's own last answer came from. */
  let ownSide: Side = "outside";
  const tokens = new Map<string, { readonly token: string; readonly until: number }>();
  let usesBasic = false;

  const basic = (): string | null =>
    login === null ? null : `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;

  /** One exchange; follows where the registry sends us, without our name to anybody else. Says whether it answered itself. */
  async function exchange(
    question: RegistryQuestion,
    authorization: string | null,
    signal: AbortSignal,
  ): Promise<{ readonly response: IncomingMessage; readonly own: boolean }> {
    let url = new URL(question.path, origin);
    // An address that it gave for an upload is where it sends us, too.
    let side = ownSide;
    for (let followed = 0; ; followed++) {
      const own = url.origin === origin;
      const sent = await send(url, question, own ? authorization : null, signal, own ? "inside" : side);
      const { response, side: answeredBy } = sent;
      if (own) ownSide = answeredBy;
      // Once outside it is so for good: somebody there has chosen where to go.
      side = own || side === "inside" ? answeredBy : side;
      const { location } = response.headers;
      const status = response.statusCode ?? 0;
      const reads = question.method === "GET" || question.method === "HEAD";
      if (!reads || status < 301 || status > 308 || location === undefined) return { response, own };
      response.resume();
      if (followed >= mostRedirects)
        throw new FairwayError(
          "registry_unavailable",
          `could not ${question.what}: it sends from one place to another without end`,
        );
      const next = new URL(location, url);
      if (next.protocol !== "https:" && url.protocol === "https:")
        throw new FairwayError(
          "registry_refused",
          `could not ${question.what}: it sends to ${next.origin}, which has no TLS`,
        );
      url = next;
    }
  }

  async function send(
    url: URL,
    { method, headers, body }: RegistryQuestion,
    authorization: string | null,
    signal: AbortSignal,
    side: Side,
  ): Promise<{ readonly response: IncomingMessage; readonly side: Side }> {
    // Also where it sends us, and where it wants our password.
    hops[side].check(url);
    const isPlain = url.protocol === "http:";
    const once = (): Promise<{ readonly response: IncomingMessage; readonly side: Side }> =>
      new Promise((resolve, reject) => {
        const asking = (isPlain ? plainRequest : tlsRequest)(url, {
          method,
          agent: isPlain ? agents[side].plain : agents[side].tls,
          signal,
          headers: {
            "user-agent": "fairway",
            ...headers,
            ...(body === undefined ? {} : { "content-length": String(body.byteLength) }),
            ...(authorization === null ? {} : { authorization }),
          },
        });
        asking.once("response", (response) =>
          // Asked while it is open: a connection that has ended does not say whom it was with.
          resolve({ response, side: hops.isInside(response.socket.remoteAddress) ? "inside" : "outside" }),
        );
        asking.once("error", (thrown) => reject(Object.assign(thrown, { reused: asking.reusedSocket })));
        asking.end(body);
      });
    try {
      return await once();
    } catch (thrown) {
      // It had closed a connection that was kept open, before it heard anything.
      if (
        !(
          thrown instanceof Error &&
          "reused" in thrown &&
          thrown.reused === true &&
          hasCode(thrown, "ECONNRESET", "EPIPE")
        )
      )
        throw thrown;
      return await once();
    }
  }

  async function tokenOf(
    challenge: Extract<Challenge, { scheme: "bearer" }>,
    what: string,
    signal: AbortSignal,
  ): Promise<string> {
    const realm = new URL(challenge.realm, origin);
    if (realm.protocol !== "https:" && !insecure)
      throw new FairwayError(
        "registry_refused",
        `could not ${what}: it wants our password at ${realm.origin}, which has no TLS`,
      );
    if (challenge.service !== null) realm.searchParams.set("service", challenge.service);
    for (const scope of (challenge.scope ?? "").split(" ").filter((one) => one !== ""))
      realm.searchParams.append("scope", scope);
    const known = tokens.get(realm.href);
    if (known !== undefined && known.until > performance.now()) return known.token;
    const question = { method: "GET", path: realm.href, what: `get a token to ${what}` } as const;
    const { response } = await send(realm, question, basic(), signal, realm.origin === origin ? "inside" : ownSide);
    const reply = await whole(response, question.what, signal);
    if (reply.status !== 200) throw troubleOf(question.what, reply);
    const said = readJson(reply.body, question.what) as {
      token?: unknown;
      access_token?: unknown;
      expires_in?: unknown;
    };
    const token = said.token ?? said.access_token;
    if (typeof token !== "string")
      throw new FairwayError("registry_refused", `could not ${question.what}: it gave none`);
    // As the token specification says, a token without a time is good for a minute.
    const seconds = typeof said.expires_in === "number" ? said.expires_in : 60;
    tokens.set(realm.href, { token, until: performance.now() + Math.max(0, seconds - 10) * 1000 });
    return token;
  }

  const troubleOf = (what: string, { status, body, headers }: RegistryReply): FairwayError =>
    registryTrouble(
      `${what}, ${host}`,
      { status, body: body.toString("utf8"), retryAfter: headers["retry-after"] },
      login !== null,
    );

  /** The first answer that is about the question, and not about who asks or when. */
  async function settled(question: RegistryQuestion, signal: AbortSignal): Promise<IncomingMessage> {
    let authorization = usesBasic ? basic() : null;
    let shown = false;
    for (let waits = 0; ;) {
      const { response, own } = await exchange(question, authorization, signal);
      const { statusCode: status = 0, headers } = response;
      const seconds = secondsOf(headers["retry-after"]);
      if ((status === 429 || status === 503) && seconds !== null && seconds <= longestWait && waits < mostWaits) {
        response.resume();
        waits += 1;
        await wait(seconds * 1000, undefined, { signal });
        continue;
      }
      // Who it sends us to may not send us on with our password.
      if (status !== 401 || shown || !own) return response;
      const challenge = challengeOf(headers["www-authenticate"] ?? "");
      if (challenge === null || (challenge.scheme === "basic" && (login === null || usesBasic))) return response;
      response.resume();
      shown = true;
      if (challenge.scheme === "basic") usesBasic = true;
      authorization =
        challenge.scheme === "basic" ? basic() : `Bearer ${await tokenOf(challenge, question.what, signal)}`;
    }
  }

  /** Within a time; a registry that is slower has not answered. */
  async function within<Result>(
    what: string,
    patience_: Millis,
    work: (signal: AbortSignal, goOn: () => void) => Promise<Result>,
  ): Promise<Result> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), patience_);
    try {
      return await work(deadline.signal, () => timer.refresh());
    } catch (thrown) {
      if (deadline.signal.aborted) throw tooSlow(`${what}, ${host}`, patience_);
      if (codeOf(thrown) !== undefined) throw thrown;
      throw noAnswer(`${what}, ${host}`, thrown);
    } finally {
      clearTimeout(timer);
    }
  }

  const isAnswer = (status: number, { answers = [] }: RegistryQuestion): boolean =>
    (status >= 200 && status < 300) || answers.includes(status);

  return {
    ask: (question) =>
      within(question.what, patience.answerWithin, async (signal) => {
        const reply = await whole(await settled(question, signal), question.what, signal);
        if (!isAnswer(reply.status, question)) throw troubleOf(question.what, reply);
        return reply;
      }),

    read: (question, take) =>
      within(question.what, patience.idle, async (signal, goOn) => {
        const response = await settled(question, signal);
        const status = response.statusCode ?? 0;
        if (status < 200 || status >= 300) {
          const reply = await whole(response, question.what, signal);
          if (!isAnswer(status, question)) throw troubleOf(question.what, reply);
          return { status };
        }
        for await (const piece of response) {
          goOn();
          take(piece as Buffer);
        }
        return { status };
      }),
  };
}

/** Reads an answer to its end, unless it is longer than any answer of a registry. */
async function whole(response: IncomingMessage, what: string, signal: AbortSignal): Promise<RegistryReply> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    signal.throwIfAborted();
    bytes += (piece as Buffer).byteLength;
    if (bytes > mostBytes) {
      response.destroy();
      throw new FairwayError(
        "artifact_damaged",
        `could not ${what}: the answer has more than ${mostBytes / 1024 / 1024} MiB`,
      );
    }
    pieces.push(piece as Buffer);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) };
}

/** Throws `artifact_damaged` for what is no JSON. */
export function readJson(body: Buffer, what: string): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (thrown) {
    throw new FairwayError("artifact_damaged", `could not ${what}: the answer is no JSON`, { cause: thrown });
  }
}
