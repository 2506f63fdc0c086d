import type { ResponseHead } from "../http1/response-head.ts";

/** Why a connection to a service ended before its answer did. */
export interface UpstreamFailure {
  readonly reason: string;
  /** Whether the connection had come about, so that bytes of the request may have arrived. */
  readonly connected: boolean;
  /** Whether any byte of an answer had come. */
  readonly answering: boolean;
  /** Whether the connection had served a request before. */
  readonly reused: boolean;
  readonly timedOut: boolean;
}

/** Whoever asked, as a connection to a service sees it. */
export interface AnswerSink {
  readonly method: string;
  /** Of the HTTP version it speaks. */
  readonly minor: 0 | 1;
  /** A part of the request is still to be sent. */
  readonly asking: boolean;
  /** An interim answer other than 100 and 101. */
  informed(interim: Buffer): void;
  /** The connection now speaks WebSocket; `rest` are its first bytes. False when that was not asked for. */
  switched(head: ResponseHead, rest: Buffer): boolean;
  /** The head, and in `bytes` from `from` to `to` the first of the body. False when no more should be read for now. */
  answerBegins(head: ResponseHead, bytes: Buffer, from: number, to: number): boolean;
  /** More of the body. False when no more should be read for now. */
  answerGoesOn(bytes: Buffer): boolean;
  /** The answer is whole; `early` when the router ended it at a border of its chunks. */
  answerEnds(early: boolean): void;
  failed(failure: UpstreamFailure): void;
  /** The service takes bytes again. */
  upstreamDrained(): void;
}
