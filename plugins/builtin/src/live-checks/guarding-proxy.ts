import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "@fairway/core";
import { liveGuard, longestAnswer } from "./live-connections.ts";

/**
 * A proxy of this process alone, through which a browser must go: each connection is looked at where it is made, as all others
 * of Fairway are, and an answer without end is cut off.
 */
export async function guardingProxy(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const guard = liveGuard();
  const sockets = new Set<Socket>();
  const server = createServer((asked, answer) => {
    forward(asked, answer).catch((thrown: unknown) => {
      if (!answer.headersSent) answer.writeHead(502, { "content-type": "text/plain" });
      answer.end(messageOf(thrown));
    });
  });

  async function forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(asked.url ?? "");
    guard.check(url);
    const { "proxy-connection": _, ...headers } = asked.headers;
    const answered = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(url, { method: asked.method, headers, lookup: guard.lookup }, resolve);
      sent.on("error", reject);
      asked.pipe(sent);
    });
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    await pipeline(answered, cutOff(), answer);
  }

  server.on("connect", (asked: IncomingMessage, client: Socket, head: Buffer) => {
    let there: Socket;
    client.on("error", () => there?.destroy());
    try {
      const url = new URL(`https://${asked.url ?? ""}`);
      guard.check(url);
      there = connect({
        host: url.hostname.replace(/^\[|\]$/gu, ""),
        port: Number(url.port || 443),
        lookup: guard.lookup,
      });
    } catch {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    there.once("connect", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      there.write(head);
      there
        .pipe(cutOff())
        .on("error", () => there.destroy())
        .pipe(client);
      client.pipe(there);
    });
    there.on("error", () => client.destroy());
    there.on("close", () => client.destroy());
    client.on("close", () => there.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function cutOff(): Transform {
  let read = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      read += chunk.length;
      if (read > longestAnswer) done(new Error(`the answer is longer than ${longestAnswer / 1024 ** 2} MiB`));
      else done(null, chunk);
    },
  });
}
