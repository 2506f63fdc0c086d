import type { Socket } from "node:net";
import type { OwnReply } from "./own-answers.ts";
import type { Tunnel } from "./tunnel.ts";

/** Which of the listeners a request came in by; `tls` is public too. */
export type ListenerName = "public" | "internal" | "tls";

/** Whoever asked: the client's connection, as one of its requests sees it. */
export interface Asker {
  readonly socket: Socket;
  readonly listener: ListenerName;
  readonly address: string;
  /** Of the body, so far. */
  readonly bodyBytes: number;
  /** The body has not come in whole yet. */
  readonly bodyOpen: boolean;
  /** The client has ended its side. */
  readonly ended: boolean;
  /** The answer has been written; with `close` the client was told that the connection ends. */
  answered(close: boolean): void;
  /** Answers by itself. */
  answerAlone(reply: OwnReply): void;
  /** The answer can no longer be completed: it must look truncated. */
  truncate(): void;
  tunnelled(tunnel: Tunnel): void;
  readBody(): void;
}
