import type { Socket } from "node:net";
import { broken, CountedBody, goesOn, type BodyFraming } from "../http1/body-framing.ts";
import { ChunkedBody } from "../http1/chunked-body.ts";
import { parseRequestHead, type RequestHead } from "../http1/request-head.ts";
import { answerInstead } from "./admission.ts";
import type { Asker, ListenerName } from "./asker.ts";
import { Exchange } from "./exchange.ts";
import { plainAddress } from "./forwarded-head.ts";
import { ownAnswer, unrouted, type OwnReply } from "./own-answers.ts";
import type { PlaneContext } from "./plane-context.ts";
import type { Tunnel } from "./tunnel.ts";

const endOfHead = Buffer.from("\r\n\r\n");
const CR = 13;
const LF = 10;
/** How long the rest of what a client sends is read and dropped, so that it gets our last answer and not a reset. */
const lingerFor = 2000;

/** A connection that was taken; under TLS `below` is what carries it. */
export interface Accepted {
  readonly socket: Socket;
  readonly below: Socket;
  readonly listener: ListenerName;
}

/** One client's connection: reads its requests strictly one after another, and keeps it within the limits. */
export class ClientConnection implements Asker {
  readonly socket: Socket;
  readonly listener: ListenerName;
  readonly address: string;
  ended = false;
  private readonly below: Socket;
  private readonly context: PlaneContext;
  private exchange: Exchange | null = null;
  private body: BodyFraming | null = null;
  bodyBytes = 0;
  private bodyBytesAtMark = 0;
  private bodyLimit = 0;
  private tunnel: Tunnel | null = null;
  private unread: Buffer | null = null;
  private closing = false;
  /** When it last went idle, began a head, or began to close. */
  private since: number;
  private bodyMarkedAt: number;
  /** When the client was last seen to take a part of its answer, or to have taken all of it. */
  private takenAt: number;
  private bytesTaken = 0;

  constructor({ socket, below, listener }: Accepted, context: PlaneContext, closed: (self: ClientConnection) => void) {
    this.socket = socket;
    this.below = below;
    this.listener = listener;
    this.context = context;
    this.address = plainAddress(socket.remoteAddress);
    this.since = this.bodyMarkedAt = this.takenAt = performance.now();
    socket.on("data", (bytes: Buffer) => this.received(bytes));
    socket.on("drain", () => (this.tunnel === null ? this.exchange?.clientDrained() : this.tunnel.clientDrained()));
    socket.on("error", () => undefined); // "close" follows and says all there is to say
    socket.on("end", () => this.ends());
    socket.on("close", () => {
      this.exchange?.abandon();
      this.tunnel?.clientClosed();
      closed(this);
    });
  }

  get bodyOpen(): boolean {
    return this.body !== null;
  }

  get idle(): boolean {
    return this.exchange === null && this.tunnel === null && this.unread === null && !this.closing;
  }

  answered(close: boolean): void {
    this.exchange = null;
    this.since = performance.now();
    if (close || this.body !== null || this.ended) return this.closeGently();
    this.readOn();
  }

  answerAlone(reply: OwnReply): void {
    const { exchange } = this;
    const close =
      exchange === null || exchange.head.wantsClose || this.body !== null || this.ended || this.context.retiring;
    this.write({ ...reply, close, exchange });
    exchange?.log("own answer", reply.message, reply.status);
    this.answered(close);
  }

  truncate(): void {
    this.exchange = null;
    this.cutOff();
  }

  /** Ends at once, with whatever is open. */
  cut(): void {
    if (this.exchange?.answerHasBegun === true) this.cutOff();
    else this.socket.destroy();
  }

  tunnelled(tunnel: Tunnel): void {
    this.exchange = null;
    this.tunnel = tunnel;
    const early = this.unread;
    this.unread = null;
    if (early !== null) tunnel.fromClient(early);
    this.socket.resume();
  }

  readBody(): void {
    if (this.body !== null) this.socket.resume();
  }

  /** Ends what has gone over its time. Called often; `now` is monotonic. */
  sweep(now: number): void {
    const { limits, retiring } = this.context;
    if (this.closing) {
      if (now - this.since > lingerFor) this.socket.destroy();
    } else if (this.exchange === null && this.tunnel === null) {
      if (this.unread !== null) {
        if (now - this.since > limits.headWithin) this.refuse(408, "the request head took too long");
      } else if (now - this.since > (retiring ? limits.retireIdle : limits.clientIdle)) this.closeGently();
    } else {
      this.sweepMovement(now);
    }
  }

  closeIfIdle(): void {
    if (this.idle) this.closeGently();
  }

  private sweepMovement(now: number): void {
    const { limits } = this.context;
    const { socket } = this;
    const taken = socket.bytesWritten - socket.writableLength;
    if (socket.writableLength === 0 || taken !== this.bytesTaken) {
      this.bytesTaken = taken;
      this.takenAt = now;
    } else if (now - this.takenAt > limits.clientStall) return this.cutOff();
    // While the router itself holds the body back, the client cannot be blamed.
    if (this.body === null || socket.isPaused()) this.markBody(now);
    else if (now - this.bodyMarkedAt >= limits.bodySilence) {
      const rate = ((this.bodyBytes - this.bodyBytesAtMark) * 1000) / (now - this.bodyMarkedAt);
      if (rate < limits.bodyRate) return this.refuseMidway(408, "the request body came too slowly");
      this.markBody(now);
    }
  }

  private markBody(now: number): void {
    this.bodyMarkedAt = now;
    this.bodyBytesAtMark = this.bodyBytes;
  }

  private received(bytes: Buffer): void {
    if (this.tunnel !== null) return this.tunnel.fromClient(bytes);
    if (this.closing) return;
    if (this.body !== null) return this.receivedBody(bytes, 0);
    if (this.exchange !== null) {
      this.unread = this.unread === null ? bytes : Buffer.concat([this.unread, bytes]);
      this.socket.pause();
      return;
    }
    this.receivedHead(bytes);
  }

  private receivedHead(received: Buffer): void {
    const before = this.unread;
    let bytes = before === null ? received : Buffer.concat([before, received]);
    if (before === null) this.since = performance.now();
    // RFC 9112 2.2: empty lines before a request line are to be ignored.
    while (bytes[0] === CR && bytes[1] === LF) bytes = bytes.subarray(2);
    if (bytes.length === 0) {
      this.unread = null;
      return;
    }
    const headEnd = bytes.indexOf(endOfHead, Math.max(0, (before?.length ?? 0) - 3));
    if (headEnd < 0 || headEnd > this.context.limits.headBytes) {
      this.unread = bytes;
      if (bytes.length > this.context.limits.headBytes) this.refuse(431, "the request head is too long");
      else if (hasBareLf(bytes)) this.refuse(400, "a line feed without carriage return");
      return;
    }
    this.unread = null;
    const head = parseRequestHead(bytes.toString("latin1", 0, headEnd));
    if (!head.ok) return this.refuse(head.status, head.reason);
    if (head.contentLength > this.context.limits.bodyBytes) return this.refuse(413, "the request body is too long");
    this.begin(head, bytes, headEnd + 4);
  }

  private begin(head: RequestHead, bytes: Buffer, from: number): void {
    this.context.totals.requests++;
    if (head.chunked) this.body = new ChunkedBody({ trailers: false });
    else if (head.contentLength > 0) this.body = new CountedBody(head.contentLength);
    this.bodyBytes = 0;
    this.takenAt = performance.now();
    this.markBody(this.takenAt);
    const exchange = new Exchange(this, this.context, head);
    this.exchange = exchange;
    const routed = exchange.routed();
    if (routed === undefined) {
      this.context.totals.unrouted++;
      return this.answerAlone(unrouted(this.listener, head.authority));
    }
    const { listener, address } = this;
    const instead = answerInstead({ head, listener, address, headBytes: from }, routed.route, this.context);
    this.bodyLimit = Math.min(this.context.limits.bodyBytes, routed.route.route.limits?.bodyBytes ?? Infinity);
    if (instead !== null) return this.answerAlone(instead);
    if (head.expectsContinue && this.body !== null && from === bytes.length) {
      this.socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (this.body === null && from < bytes.length) {
      this.unread = bytes.subarray(from);
      this.socket.pause();
    }
    exchange.dispatch();
    if (this.body !== null && from < bytes.length) this.receivedBody(bytes, from);
  }

  private receivedBody(bytes: Buffer, from: number): void {
    const { body, exchange } = this;
    if (body === null || exchange === null) return;
    const end = body.feed(bytes, from);
    if (end === broken) return this.refuseMidway(400, "malformed chunked body");
    const part = end === goesOn ? bytes.subarray(from) : bytes.subarray(from, end);
    this.bodyBytes += part.length;
    if (this.bodyBytes > this.bodyLimit) return this.refuseMidway(413, "the request body is too long");
    if (end !== goesOn) {
      this.body = null;
      if (end < bytes.length) {
        this.unread = bytes.subarray(end);
        this.socket.pause();
      }
    }
    const goOn = exchange.takeBody(part);
    if (!goOn && this.body !== null) this.socket.pause();
  }

  private readOn(): void {
    const { unread } = this;
    this.unread = null;
    if (unread === null) {
      if (this.socket.isPaused()) this.socket.resume();
      return;
    }
    // On the next turn: thousands of pipelined requests that are answered at once would exhaust the stack.
    setImmediate(() => {
      if (this.socket.destroyed) return;
      this.socket.resume();
      this.received(unread);
    });
  }

  private ends(): void {
    this.ended = true;
    if (this.tunnel !== null) return this.tunnel.clientEnded();
    if (this.closing) return;
    if (this.exchange === null) return this.closeGently();
    // Half-closed after a whole request is allowed and answered; within a body, or of a stream, it means gone.
    if (this.body !== null || this.exchange.streaming) this.socket.destroy();
  }

  private refuse(status: number, reason: string): void {
    this.logUnread(status, reason);
    this.refuseAndClose(status, reason);
  }

  private logUnread(status: number, error: string): void {
    const { context, address: client, listener } = this;
    const requestId = context.nextRequestId();
    const rest = { head: null, outcome: "own answer", milliseconds: 0, bytesIn: 0, bytesOut: 0 } as const;
    context.accessLog?.write({ requestId, client, listener, status, error, ...rest });
  }

  private refuseAndClose(status: number, reason: string): void {
    this.context.totals.refused++;
    this.write({ status, message: reason, close: true, exchange: null });
    this.closeGently();
  }

  /** Refuses a request that is already on its way: nobody may take its beginning for the whole. */
  private refuseMidway(status: number, reason: string): void {
    const { exchange } = this;
    if (exchange === null || exchange.answerHasBegun) return this.cutOff();
    this.exchange = null;
    exchange.refuse(status, reason);
    this.refuseAndClose(status, reason);
  }

  private write(answer: OwnReply & { close: boolean; exchange: Exchange | null }): void {
    const requestId = answer.exchange?.requestId ?? this.context.nextRequestId();
    const headOnly = answer.exchange?.method === "HEAD";
    this.socket.write(ownAnswer({ ...answer, requestId, headOnly }));
  }

  /**
   * Ends without a proper end, as a client must not take what it has for the whole. A mere close would look like one to
   * a client whose answer ends with the connection, and over TLS to the many who do not mind that its last word is missing.
   */
  private cutOff(): void {
    this.below.resetAndDestroy();
    this.socket.destroy();
  }

  private closeGently(): void {
    if (this.closing) return;
    this.closing = true;
    this.unread = null;
    this.since = performance.now();
    this.socket.end();
    this.socket.resume();
  }
}

function hasBareLf(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (at === 0 || bytes[at - 1] !== CR) return true;
  }
  return false;
}
