import type { RequestHead } from "../http1/request-head.ts";
import { hostOf } from "../http1/request-head.ts";
import type { Outcome } from "../access-log/access-line.ts";
import type { ResponseHead } from "../http1/response-head.ts";
import { isOutOfFiles } from "../process/open-files.ts";
import { chooseEndpoint, chooseForClient, type Choice } from "../routing/choose-endpoint.ts";
import type { GroupPlan, RoutedRequest, RoutePlan } from "../routing/routing-plan.ts";
import type { AnswerSink, UpstreamFailure } from "./answer-sink.ts";
import type { Asker } from "./asker.ts";
import { forwardedHead } from "./forwarded-head.ts";
import { unrouted, type OwnReply } from "./own-answers.ts";
import type { HeldRequest, LiveEndpoint, PlaneContext } from "./plane-context.ts";
import { Tunnel } from "./tunnel.ts";
import { UpstreamConnection } from "./upstream-connection.ts";

const outOfFiles = "the router has no open files left to reach the service with";

/** RFC 9110 9.2.2, without TRACE, which is not served. Doing these twice is doing them once. */
const idempotent = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** One request on its way: finds who answers it, sends it again where that is safe, and passes the answer on. */
export class Exchange implements AnswerSink, HeldRequest {
  readonly head: RequestHead;
  readonly requestId: string;
  private readonly asker: Asker;
  private readonly context: PlaneContext;
  private readonly hasBody: boolean;
  private readonly startedAt: number;
  private upstream: UpstreamConnection | null = null;
  private group: GroupPlan<LiveEndpoint> | null = null;
  private endpoint: LiveEndpoint | null = null;
  private tried: Set<LiveEndpoint> | undefined;
  private sent = 0;
  private dispatched = 0;
  private heldUntil = 0;
  /** A kept connection failed. When a replica was killed all its kept connections are dead, and each would cost a try. */
  private wantsFresh = false;
  /** The header line that keeps the client to a release; empty when none is needed. */
  private cookie = "";
  private answerBegan = false;
  private close = false;
  private chunkedHere = false;
  private endsByTerminator = false;
  private over = false;
  private status = 0;
  private readonly bytesBefore: number;
  private kept: Buffer[] | null = null;
  private keptBytes = 0;
  /** All of the body that came so far is in `kept`. */
  private bodyIsKept = true;

  constructor(asker: Asker, context: PlaneContext, head: RequestHead) {
    this.asker = asker;
    this.context = context;
    this.head = head;
    this.hasBody = head.chunked || head.contentLength > 0;
    this.requestId = head.requestId ?? context.nextRequestId();
    this.startedAt = performance.now();
    this.bytesBefore = context.accessLog === null ? 0 : asker.socket.bytesWritten;
  }

  get method(): string {
    return this.head.method;
  }

  get minor(): 0 | 1 {
    return this.head.minor;
  }

  get asking(): boolean {
    return this.asker.bodyOpen;
  }

  get answerHasBegun(): boolean {
    return this.answerBegan;
  }

  /** An event stream whose client has left would be open until its next event. */
  get streaming(): boolean {
    return this.endsByTerminator;
  }

  /** By the table in force now, which may have changed while the request was held. */
  routed(): RoutedRequest<LiveEndpoint> | undefined {
    const { plan } = this.context;
    const { target, authority } = this.head;
    return this.asker.listener === "internal"
      ? plan.internalRoute(target)
      : plan.publicRoute(hostOf(authority), target);
  }

  dispatch(): void {
    if (this.over || this.upstream !== null) return;
    const routed = this.routed();
    if (routed === undefined) return this.answerAlone(unrouted(this.asker.listener, this.head.authority));
    const now = performance.now();
    const choice = this.choose(routed.route, now);
    if (choice === undefined) return this.hold(now);
    this.context.held.delete(this);
    this.group = choice.group;
    this.endpoint = choice.endpoint;
    this.dispatched++;
    const idle = this.head.websocket || this.wantsFresh ? undefined : choice.endpoint.takeIdle(now);
    const upstream = idle ?? new UpstreamConnection(choice.endpoint, this.context.limits, now);
    this.upstream = upstream;
    const { address, listener } = this.asker;
    const scheme = listener === "tls" ? "https" : "http";
    upstream.carry(
      this,
      forwardedHead(this.head, routed.target, address, this.requestId, scheme),
      now,
      routed.route.route.limits?.answerWithin,
    );
    if (this.hasBody) {
      for (const part of this.kept ?? []) upstream.send(part, now);
      this.asker.readBody();
    }
  }

  private choose(route: RoutePlan<LiveEndpoint>, now: number): Choice<LiveEndpoint> | undefined {
    const { audience } = route;
    if (audience === null) return chooseEndpoint(route, this.tried, now);
    const { choice, side } = chooseForClient(route, audience, this.head.lines, this.tried, now);
    const isPerson = this.asker.listener !== "internal";
    const secure = this.asker.listener === "tls" || route.route.httpsOnly === true;
    this.cookie =
      side === undefined || !isPerson ? "" : `\r\nSet-Cookie: ${audience.sticky?.cookieFor(side, secure) ?? ""}`;
    return choice;
  }

  /** Takes the next part of the request's body; false when no more should be read for now. */
  takeBody(part: Buffer): boolean {
    const { keptBodyBytes } = this.context.limits;
    if (this.bodyIsKept) {
      if (this.upstream !== null && this.keptBytes + part.length > keptBodyBytes) {
        this.bodyIsKept = false;
        this.kept = null;
      } else {
        (this.kept ??= []).push(part);
        this.keptBytes += part.length;
      }
    }
    return this.upstream === null ? this.keptBytes <= keptBodyBytes : this.upstream.send(part, performance.now());
  }

  /** The client has left. */
  abandon(): void {
    if (this.over) return;
    this.over = true;
    this.context.held.delete(this);
    this.context.totals.abandoned++;
    this.upstream?.abandon();
    this.upstream = null;
    this.log("abandoned");
  }

  /** Ends it because of the client, who is told by others. */
  refuse(status: number, error: string): void {
    this.over = true;
    this.context.held.delete(this);
    this.upstream?.abandon();
    this.upstream = null;
    this.status = status;
    this.log("own answer", error);
  }

  /** Writes it to the access log, once it is over. */
  log(outcome: Outcome, error?: string, status: number = this.status): void {
    const { accessLog } = this.context;
    if (accessLog === null) return;
    const { asker, group, endpoint } = this;
    accessLog.write({
      requestId: this.requestId,
      client: asker.address,
      listener: asker.listener,
      head: this.head,
      status,
      outcome,
      ...(error === undefined ? {} : { error }),
      ...(group === null ? {} : { route: group.route, release: group.release }),
      ...(endpoint === null ? {} : { replica: endpoint.endpoint.replica, tries: this.dispatched }),
      milliseconds: performance.now() - this.startedAt,
      bytesIn: asker.bodyBytes,
      bytesOut: asker.socket.bytesWritten - this.bytesBefore,
    });
  }

  /** The client takes bytes again. */
  clientDrained(): void {
    this.upstream?.socket.resume();
  }

  upstreamDrained(): void {
    this.asker.readBody();
  }

  informed(interim: Buffer): void {
    if (this.head.minor === 1) this.asker.socket.write(interim);
  }

  switched(head: ResponseHead, rest: Buffer): boolean {
    const { upstream, endpoint } = this;
    if (!this.head.websocket || upstream === null || endpoint === null) return false;
    this.group?.counters.answered(101, performance.now() - this.startedAt);
    const { socket } = this.asker;
    socket.write(`${head.statusLine}${head.lines}${this.cookie}\r\nConnection: Upgrade\r\n\r\n`, "latin1");
    const tunnel = new Tunnel(socket, upstream.socket, this.context.limits.closeHandshake);
    endpoint.streams.add(tunnel);
    upstream.socket.once("close", () => endpoint.streams.delete(tunnel));
    this.over = true;
    this.log("switched", undefined, 101);
    this.asker.tunnelled(tunnel);
    if (rest.length > 0) tunnel.fromService(rest);
    return true;
  }

  answerBegins(head: ResponseHead, bytes: Buffer, from: number, to: number): boolean {
    const { asker } = this;
    const { socket } = asker;
    this.answerBegan = true;
    this.status = head.status;
    this.group?.counters.answered(head.status, performance.now() - this.startedAt);
    const modern = this.head.minor === 1;
    const untilClose = !head.bodyless && !head.chunked && head.contentLength < 0;
    this.chunkedHere = untilClose && modern;
    this.endsByTerminator = head.eventStream && !head.bodyless && head.contentLength < 0;
    // A client that is still sending its body when it has its answer cannot be brought back into step.
    this.close = this.head.wantsClose || asker.ended || asker.bodyOpen || this.context.retiring;
    if (!modern && (head.chunked || untilClose)) this.close = true;
    if (head.verbatim && modern && !this.close && !this.chunkedHere && this.cookie === "") {
      return socket.write(to === bytes.length ? bytes : bytes.subarray(0, to));
    }
    let text = head.statusLine + head.lines + this.cookie;
    if (this.chunkedHere) text += "\r\nTransfer-Encoding: chunked";
    if (this.close) text += "\r\nConnection: close";
    else if (!modern) text += "\r\nConnection: keep-alive";
    text += "\r\n\r\n";
    if (from >= to) return socket.write(text, "latin1");
    socket.cork();
    socket.write(text, "latin1");
    const goOn = this.answerGoesOn(bytes.subarray(from, to));
    socket.uncork();
    return goOn;
  }

  answerGoesOn(part: Buffer): boolean {
    const { socket } = this.asker;
    if (!this.chunkedHere) return socket.write(part);
    socket.cork();
    socket.write(`${part.length.toString(16)}\r\n`, "latin1");
    socket.write(part);
    const goOn = socket.write("\r\n", "latin1");
    socket.uncork();
    return goOn;
  }

  answerEnds(early: boolean): void {
    if (this.over) return;
    this.over = true;
    this.upstream = null;
    if (this.chunkedHere || (early && this.head.minor === 1)) this.asker.socket.write("0\r\n\r\n", "latin1");
    this.log("answered");
    this.asker.answered(this.close);
  }

  failed(failure: UpstreamFailure): void {
    this.upstream = null;
    if (this.over) return;
    if (this.answerBegan) {
      this.over = true;
      this.group?.counters.failed(true);
      this.log("truncated", failure.reason);
      return this.asker.truncate();
    }
    const { limits, totals } = this.context;
    // Our own want, and no fault of the endpoint's; of the request nothing was sent.
    if (!failure.connected && isOutOfFiles(failure.reason)) {
      return this.context.spareFiles() ? this.dispatch() : this.hold(performance.now(), outOfFiles);
    }
    if (!failure.connected) this.endpoint?.eject(performance.now() + limits.ejectFor, failure.reason);
    if (this.mayBeSentAgain(failure)) {
      if (failure.connected) totals.retried++;
      else totals.redirected++;
      // It was on its way: the time it waits for a replica, if it must wait again, begins anew.
      if (failure.connected) this.heldUntil = 0;
      if (failure.reused) this.wantsFresh = true;
      // A connection that idled may just have been closed in passing; a fresh one that fails says something.
      if (!failure.reused && this.endpoint !== null) (this.tried ??= new Set()).add(this.endpoint);
      return this.dispatch();
    }
    this.group?.counters.failed(false);
    if (failure.timedOut) totals.timedOut++;
    else totals.badGateway++;
    const message = `the service did not answer: ${failure.reason}`;
    this.answerAlone({ status: failure.timedOut ? 504 : 502, message });
  }

  /** Whether doing it again cannot do it twice: nothing was sent, or twice is the same as once. */
  private mayBeSentAgain(failure: UpstreamFailure): boolean {
    if (!this.bodyIsKept) return false;
    if (!failure.connected) return true;
    if (failure.answering || failure.timedOut || !idempotent.has(this.method)) return false;
    return ++this.sent < this.context.limits.tries;
  }

  private hold(now: number, message = "no replica is there to answer"): void {
    this.tried = undefined;
    if (this.heldUntil === 0) {
      this.heldUntil = now + this.context.limits.holdFor;
      this.context.totals.held++;
    }
    if (now < this.heldUntil) return void this.context.held.add(this);
    this.context.totals.unavailable++;
    this.answerAlone({ status: 503, message });
  }

  private answerAlone(reply: OwnReply): void {
    this.over = true;
    this.context.held.delete(this);
    this.asker.answerAlone(reply);
  }
}
