import { connect, type Socket } from "node:net";
import { atEnd } from "./cleanup.ts";

/** A client that sends exactly the bytes it is given and shows exactly those it gets. */
export class RawClient {
  readonly socket: Socket;
  text = "";
  ended = false;
  /** Whether the connection ended with a reset. */
  reset = false;
  closed = false;
  private readonly watchers = new Set<() => void>();

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (part: string) => this.changed(() => (this.text += part)));
    this.socket.on("end", () => this.changed(() => (this.ended = true)));
    this.socket.on("error", () => this.changed(() => (this.reset = true)));
    this.socket.on("close", () => this.changed(() => (this.closed = true)));
    atEnd(() => this.socket.destroy());
  }

  send(text: string | Uint8Array): this {
    this.socket.write(text, "latin1");
    return this;
  }

  /** Resolves when what came satisfies the condition; rejects when the connection closes before. */
  until(condition: (self: this) => boolean): Promise<this> {
    return new Promise((done, failed) => {
      const look = (): void => {
        if (condition(this)) done(this);
        else if (this.closed) failed(new Error(`closed before it came; got ${JSON.stringify(this.text)}`));
        else return;
        this.watchers.delete(look);
      };
      this.watchers.add(look);
      look();
    });
  }

  has(part: string | RegExp): Promise<this> {
    return this.until(({ text }) => (typeof part === "string" ? text.includes(part) : part.test(text)));
  }

  /** The status of the answer once the server has ended the connection. */
  async statusAtEnd(): Promise<number> {
    await this.until(({ ended, closed }) => ended || closed);
    return this.status;
  }

  get status(): number {
    return Number(/^HTTP\/1\.[01] (\d{3})/.exec(this.text)?.[1] ?? 0);
  }

  private changed(change: () => void): void {
    change();
    for (const look of [...this.watchers]) look();
  }
}
