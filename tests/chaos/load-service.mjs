// A service for loads: quick and slow answers, event streams and WebSockets. How it misbehaves is its only argument. It
// has no handler for SIGTERM, so it dies at once: that no request is lost must not depend on its manners.
import { createHash } from "node:crypto";
import { createServer } from "node:http";

const how = process.argv[2] ?? "well";
const { PORT, HOST, FAIRWAY_RELEASE: release } = process.env;
const streamEvery = 50;

if (how === "crashes") {
  console.error("cannot find module 'left'");
  process.exit(1);
}

const routes = {
  "/": (request, response) => response.end(JSON.stringify({ release })),
  "/healthz": (request, response) => {
    if (how === "hangs") return;
    if (how === "ill") response.writeHead(500);
    response.end();
  },
  "/echo": (request, response) => {
    let bytes = 0;
    request.on("data", (part) => (bytes += part.length));
    request.on("end", () => response.end(JSON.stringify({ release, bytes })));
  },
  "/slow": (request, response) => setTimeout(() => response.end(JSON.stringify({ release })), 3000),
  "/events": (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const timer = setInterval(() => response.write(`data: ${JSON.stringify({ release })}\n\n`), streamEvery);
    response.on("close", () => clearInterval(timer));
  },
};

const server = createServer((request, response) => {
  const route = routes[request.url] ?? ((_, none) => none.writeHead(404).end());
  route(request, response);
});
server.on("upgrade", (request, socket) => {
  const key = request.headers["sec-websocket-key"];
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const head = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const message = Buffer.from(JSON.stringify({ release }));
  const frame = Buffer.concat([Buffer.from([0x81, message.length]), message]);
  const timer = setInterval(() => socket.write(frame), streamEvery);
  socket.resume().on("error", () => undefined);
  socket.on("end", () => socket.end()).on("close", () => clearInterval(timer));
});
server.listen(Number(PORT), HOST);
