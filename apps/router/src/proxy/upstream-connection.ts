import { connect, type Socket } from "node:net";
import { broken, BodyUntilClose, CountedBody, goesOn, type BodyFraming } from "../http1/body-framing.ts";
import { ChunkedBody } from "../http1/chunked-body.ts";
import { EventBorder } from "../http1/event-border.ts";
import { parseResponseHead, type ResponseHead } from "../http1/response-head.ts";
import { isOutOfFiles } from "../process/open-files.ts";
import type { AnswerSink } from "./answer-sink.ts";
import type { EndableStream, EndpointState, PooledConnection } from "./endpoint-state.ts";
import type { Limits } from "./limits.ts";

const endOfHead = Buffer.from("\r\n\r\n");

/**
 * One connection to a service. It carries one request at a time, reads the answer's framing and hands the bytes on as
 * they are; in between it idles at its endpoint. Every carried request ends through `release`, and only there.
 */
export class UpstreamConnection implements PooledConnection, EndableStream {
  readonly socket: Socket;
  idleSince = 0;
  keepFor: number;
  private readonly endpoint: EndpointState<UpstreamConnection>;
  private readonly limits: Limits;
  private sink: AnswerSink | null = null;
  private connected = false;
  private served = 0;
  private answering = false;
  private ended = false;
  private timedOut = false;
  private failure: string | null = null;
  private deadline: number;
  private answerWithin: number;
  private head: ResponseHead | null = null;
  private unread: Buffer | null = null;
  private body: BodyFraming | null = null;
  private events: EventBorder | null = null;
  private endWanted: "no" | "at event" | "at chunk" = "no";
  private tunnelled = false;

  constructor(endpoint: EndpointState<UpstreamConnection>, limits: Limits, now: number) {
    this.endpoint = endpoint;
    this.limits = limits;
    this.keepFor = limits.upstreamIdle;
    this.deadline = now + limits.connectWithin;
    this.answerWithin = limits.answerWithin;
    endpoint.connections.add(this);
    const { host, port } = endpoint.endpoint;
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    this.socket = socket;
    socket.on("connect", () => this.connects());
    socket.on("data", (bytes: Buffer) => this.received(bytes));
    socket.on("drain", () => this.sink?.upstreamDrained());
    socket.on("error", (error: NodeJS.ErrnoException) => (this.failure ??= error.code ?? error.message));
    socket.on("end", () => {
      this.ended = true;
      if (this.sink === null) socket.destroy();
    });
    socket.on("close", () => this.closed());
  }

  get reusable(): boolean {
    return this.connected && !this.ended && !this.socket.destroyed && this.socket.writableLength === 0;
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Sends a request head; its answer goes to `sink`. */
  carry(sink: AnswerSink, requestHead: string, now: number, answerWithin: number = Infinity): void {
    this.answerWithin = Math.min(answerWithin, this.limits.answerWithin);
    this.sink = sink;
    this.head = null;
    this.body = null;
    this.answering = false;
    this.endWanted = "no";
    if (this.connected) this.deadline = now + this.answerWithin;
    this.endpoint.requestBegins();
    this.socket.write(requestHead, "latin1");
  }

  /** Sends a part of the request's body; false when no more should be sent for now. */
  send(part: Buffer, now: number): boolean {
    if (this.connected) this.deadline = now + this.answerWithin;
    return this.socket.write(part);
  }

  /** Whoever asked is gone: the connection is of no use any more. */
  abandon(): void {
    this.release();
    this.socket.destroy();
  }

  /** Gives up on a service that keeps one waiting. */
  sweep(now: number): void {
    if (this.deadline > now || this.sink === null || this.head !== null || this.tunnelled) return;
    this.timedOut = true;
    this.failure = this.connected ? "no answer in time" : "no connection in time";
    this.socket.destroy();
  }

  endAtBorder(force: boolean): void {
    this.endWanted = force ? "at chunk" : "at event";
    this.endEventsIfWanted();
  }

  private connects(): void {
    this.connected = true;
    this.deadline = performance.now() + this.answerWithin;
  }

  private received(bytes: Buffer): void {
    if (this.tunnelled) return;
    if (this.sink === null) return void this.socket.destroy();
    this.answering = true;
    if (this.head === null) return this.receivedHead(bytes);
    const end = this.body?.feed(bytes, 0) ?? broken;
    if (end === broken) return this.breakOff("the answer's body is malformed");
    const goOn = this.sink.answerGoesOn(end === goesOn || end === bytes.length ? bytes : bytes.subarray(0, end));
    this.afterBody(end, bytes.length, goOn);
  }

  private receivedHead(received: Buffer): void {
    const bytes = this.unread === null ? received : Buffer.concat([this.unread, received]);
    const headEnd = bytes.indexOf(endOfHead, Math.max(0, (this.unread?.length ?? 0) - 3));
    const { sink } = this;
    if (sink === null) return;
    if (headEnd < 0) {
      if (bytes.length > this.limits.headBytes) return this.breakOff("the answer's head is too long");
      this.unread = bytes;
      return;
    }
    this.unread = null;
    const head = parseResponseHead(bytes.toString("latin1", 0, headEnd), sink.method);
    if (!head.ok) return this.breakOff(head.reason);
    const from = headEnd + 4;
    if (head.status === 101) {
      this.tunnelled = sink.switched(head, bytes.subarray(from));
      if (!this.tunnelled) this.breakOff("it switched protocols unasked");
      return;
    }
    if (head.status < 200) {
      if (head.status !== 100) sink.informed(bytes.subarray(0, from));
      if (from < bytes.length) this.receivedHead(bytes.subarray(from));
      return;
    }
    if (head.chunked && sink.minor === 0) return this.breakOff("it sent chunks to an HTTP/1.0 client");
    this.head = head;
    const end = this.frame(head, bytes, from);
    if (end === broken) return this.breakOff("the answer's body is malformed");
    if (this.events !== null) this.endpoint.streams.add(this);
    const goOn = sink.answerBegins(head, bytes, from, end === goesOn ? bytes.length : end);
    this.afterBody(end, bytes.length, goOn);
  }

  /** Decides how the body ends and reads its first bytes. */
  private frame(head: ResponseHead, bytes: Buffer, from: number): number {
    if (head.bodyless) return from;
    if (head.contentLength >= 0) {
      this.body = new CountedBody(head.contentLength);
    } else {
      const events = head.eventStream ? new EventBorder() : null;
      const seen = events === null ? undefined : events.feed.bind(events);
      this.events = events;
      this.body = head.chunked ? new ChunkedBody({ trailers: true, seen }) : new BodyUntilClose(seen);
    }
    return this.body.feed(bytes, from);
  }

  private afterBody(end: number, length: number, goOn: boolean): void {
    if (end !== goesOn) return this.finished(end < length);
    if (!goOn) this.socket.pause();
    this.endEventsIfWanted();
  }

  private finished(bytesAfterEnd: boolean): void {
    const { head, sink } = this;
    if (head === null || sink === null) return;
    this.served++;
    const hinted = head.keepAlive > 0 ? Math.max(0, head.keepAlive - 1000) : this.limits.upstreamIdle;
    this.keepFor = Math.min(this.limits.upstreamIdle, hinted);
    this.idleSince = performance.now();
    this.release();
    // Bytes after the end would become the next request's answer, and the next request the rest of this one's body.
    if (head.closes || bytesAfterEnd || sink.asking || this.endpoint.draining || !this.reusable) this.socket.destroy();
    else this.endpoint.idle.push(this);
    this.socket.resume();
    sink.answerEnds(false);
  }

  private endEventsIfWanted(): void {
    if (this.endWanted === "no" || this.sink === null || this.events === null || this.body?.atBorder !== true) return;
    if (this.endWanted === "at event" && !this.events.atBorder) return;
    const { sink } = this;
    this.release();
    this.socket.destroy();
    sink.answerEnds(true);
  }

  private breakOff(reason: string): void {
    this.failure = reason;
    this.socket.destroy();
  }

  private closed(): void {
    this.endpoint.forget(this);
    const { sink } = this;
    if (sink === null) return;
    this.release();
    if (this.body instanceof BodyUntilClose && this.head !== null && this.ended && this.failure === null) {
      return sink.answerEnds(false);
    }
    if (this.connected || !isOutOfFiles(this.failure ?? "")) this.endpoint.failed++;
    sink.failed({
      reason: this.failure ?? "the service closed the connection",
      connected: this.connected,
      answering: this.answering,
      reused: this.served > 0,
      timedOut: this.timedOut,
    });
  }

  private release(): void {
    if (this.sink === null) return;
    this.sink = null;
    this.events = null;
    this.endpoint.streams.delete(this);
    this.endpoint.requestEnds();
  }
}
