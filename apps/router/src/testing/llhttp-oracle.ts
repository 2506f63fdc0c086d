import { createServer, type IncomingMessage, type Server } from "node:http";
import { Duplex } from "node:stream";

/** A request as llhttp, Node's own parser, understood it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headersDistinct"];
  bodyBytes: number;
  whole: boolean;
}

/** What llhttp made of some bytes. */
export interface Understanding {
  readonly requests: SeenRequest[];
  upgraded: boolean;
  error: string | null;
}

/** Asks Node's HTTP server what it understands, as a second opinion. Many can be asked at once. */
export class LlhttpOracle {
  private readonly server: Server;
  private readonly byStream = new WeakMap<object, Understanding>();

  constructor() {
    const understood = (request: IncomingMessage): void => {
      const seen: SeenRequest = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headersDistinct,
        bodyBytes: 0,
        whole: false,
      };
      this.of(request.socket).requests.push(seen);
      request.on("data", (part: Buffer) => (seen.bodyBytes += part.length));
      request.on("end", () => (seen.whole = true));
      request.on("error", () => undefined);
    };
    this.server = createServer({ requireHostHeader: false, keepAliveTimeout: 0 }, understood);
    this.server.on("checkContinue", understood).on("checkExpectation", understood);
    for (const event of ["upgrade", "connect"] as const) {
      this.server.on(event, (request: IncomingMessage) => {
        understood(request);
        this.of(request.socket).upgraded = true;
      });
    }
    this.server.on("clientError", (error: NodeJS.ErrnoException, stream) => {
      this.of(stream).error ??= error.code ?? error.message;
    });
  }

  /** What is understood of each; in the order they were given. */
  async ask(all: readonly Buffer[]): Promise<readonly Understanding[]> {
    const streams = all.map((bytes) => {
      const stream = new Duplex({ read: () => undefined, write: (_part, _encoding, done) => done() });
      const understanding: Understanding = { requests: [], upgraded: false, error: null };
      this.byStream.set(stream, understanding);
      this.server.emit("connection", stream);
      stream.push(bytes);
      return { stream, understanding };
    });
    for (let turn = 0; turn < 4; turn++) await new Promise((next) => setImmediate(next));
    for (const { stream } of streams) stream.destroy();
    return streams.map(({ understanding }) => understanding);
  }

  private of(stream: object): Understanding {
    return this.byStream.get(stream) ?? { requests: [], upgraded: false, error: "unknown stream" };
  }
}
