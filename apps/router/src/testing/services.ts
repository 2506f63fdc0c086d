import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createHash } from "node:crypto";
import { atEnd } from "./cleanup.ts";

/** A service that speaks HTTP by Node's own server. Returns its port. */
export async function httpService(handle: RequestListener): Promise<number> {
  const server = createHttpServer(handle);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A service that answers every request with its own name, the target and what the router told it. */
export const namedService = (name: string): Promise<number> =>
  httpService((request, answer) => {
    let body = "";
    request.setEncoding("latin1").on("data", (part: string) => (body += part));
    request.on("end", () => {
      const { method, url, headers } = request;
      answer.end(JSON.stringify({ name, method, url, headers, body }));
    });
  });

/** A service that does with each connection what it is told. */
export async function rawService(handle: (socket: Socket, connection: number) => void): Promise<number> {
  let connections = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => undefined);
    handle(socket, ++connections);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  atEnd(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port where nobody listens. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** The head that turns a connection into a WebSocket. */
export function upgradeAnswer(requestHead: string): string {
  const key = /sec-websocket-key: (\S+)/i.exec(requestHead)?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}
