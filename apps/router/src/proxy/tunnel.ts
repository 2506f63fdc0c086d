import type { Socket } from "node:net";
import { closeFrame, FrameBorder, maskedCloseFrame } from "../http1/websocket-frames.ts";
import type { EndableStream } from "./endpoint-state.ts";

/**
 * A WebSocket between a client and a service: bytes pass as they are. It can be ended from here with a close frame, put
 * in where a frame ends, so that the client sees 1012 (service restart) and connects again instead of an abort.
 */
export class Tunnel implements EndableStream {
  private readonly client: Socket;
  private readonly service: Socket;
  private readonly closeHandshake: number;
  private readonly fromServiceBorder = new FrameBorder();
  private readonly fromClientBorder = new FrameBorder();
  private state: "open" | "closing soon" | "closing" = "open";

  constructor(client: Socket, service: Socket, closeHandshake: number) {
    this.client = client;
    this.service = service;
    this.closeHandshake = closeHandshake;
    service.on("data", (bytes: Buffer) => this.fromService(bytes));
    service.on("drain", () => client.resume());
    service.on("end", () => client.end());
    service.on("close", () => client.destroySoon());
  }

  fromService(bytes: Buffer): void {
    if (this.state === "closing") return;
    const to = this.fromServiceBorder.feed(bytes, this.state === "closing soon");
    if (!this.client.write(to === bytes.length ? bytes : bytes.subarray(0, to))) this.service.pause();
    if (this.state === "closing soon" && this.fromServiceBorder.atBorder) this.close();
  }

  fromClient(bytes: Buffer): void {
    if (this.state === "closing") return;
    this.fromClientBorder.feed(bytes);
    if (!this.service.write(bytes)) this.client.pause();
  }

  clientDrained(): void {
    this.service.resume();
  }

  clientEnded(): void {
    if (this.state === "closing") this.finish();
    else this.service.end();
  }

  clientClosed(): void {
    this.service.destroy();
  }

  endAtBorder(force: boolean): void {
    // An open WebSocket may be the only one a person looks at: it is left alone until the grace is over.
    if (!force) return;
    if (this.state !== "open") return;
    if (this.fromServiceBorder.atBorder) this.close();
    else this.state = "closing soon";
  }

  private close(): void {
    this.state = "closing";
    this.client.write(closeFrame(1012, "service restart"));
    // Within a frame of the client's a close frame would be garbage: then the end of the connection has to do.
    if (this.fromClientBorder.atBorder) this.service.write(maskedCloseFrame(1001));
    this.client.resume();
    this.service.resume();
    const timer = setTimeout(() => this.finish(), this.closeHandshake);
    this.service.once("close", () => clearTimeout(timer));
  }

  private finish(): void {
    this.client.end();
    this.service.destroy();
  }
}
