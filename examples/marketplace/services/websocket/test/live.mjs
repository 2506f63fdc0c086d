import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { listen } from "../../../shared/run.mjs";

const server = fileURLToPath(new URL("../server.mjs", import.meta.url));
const listings = [
  { id: "moon-jar", priceCents: 14_800 },
  { id: "letter-set", priceCents: 3600 },
];

/** The service as it is deployed, in front of a catalog with two listings. */
async function start(t) {
  const catalog = createServer((_request, response) => response.end(JSON.stringify({ listings })));
  const catalogPort = await listen(catalog, {});
  const env = {
    PATH: process.env.PATH,
    PORT: "0",
    CATALOG_URL: `http://127.0.0.1:${catalogPort}`,
    FAIRWAY_RELEASE: "r9",
    GIT_SHA: "abc1234",
  };
  const child = spawn(process.execPath, [server], { env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(async () => {
    if (child.exitCode === null) child.kill("SIGKILL");
    catalog.close();
    catalog.closeAllConnections();
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line);
    if (entry.message === "listening") {
      child.stdout.resume();
      return { child, port: entry.port };
    }
  }
  throw new Error("the service ended before it listened");
}

const upgrade =
  "GET /live HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";

/** A client in twenty lines: sends raw bytes and cuts what comes back into frames (all of ours are short). */
async function client(port, path = "/live") {
  const socket = connect(port, "127.0.0.1");
  let rest = Buffer.alloc(0);
  const chunks = socket[Symbol.asyncIterator]();
  async function more() {
    const { value, done } = await chunks.next();
    if (done) throw new Error("the connection ended");
    rest = Buffer.concat([rest, value]);
  }
  async function frame() {
    while (rest.length < 2 || rest.length < 2 + (rest[1] === 126 ? 2 + rest.readUInt16BE(2) : rest[1])) await more();
    const start = rest[1] === 126 ? 4 : 2;
    const end = start + (start === 4 ? rest.readUInt16BE(2) : rest[1]);
    const result = { opcode: rest[0] & 0xf, payload: rest.subarray(start, end) };
    rest = rest.subarray(end);
    return result;
  }
  socket.write(upgrade.replace("/live", path));
  while (!rest.includes("\r\n\r\n")) await more();
  const border = rest.indexOf("\r\n\r\n") + 4;
  const head = rest.subarray(0, border).toString();
  rest = rest.subarray(border);
  const send = (opcode, payload) =>
    socket.write(
      Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)]),
    );
  return { socket, head, frame, send, message: async () => JSON.parse((await frame()).payload.toString()) };
}

test("a client is greeted with the release and gets the prices it watches", async (t) => {
  const { port } = await start(t);
  const { socket, head, message, send, frame } = await client(port);
  assert.match(head, /^HTTP\/1\.1 101 /);
  const { type, release } = await message();
  assert.deepEqual({ type, release }, { type: "hello", release: "r9" });
  let prices = {};
  while (Object.keys(prices).length < 2) ({ prices } = await message());
  assert.ok(Math.abs(prices["moon-jar"] - 14_800) <= 592);

  send(0x1, '{"watch":["letter-set"]}');
  do ({ prices } = await message());
  while (Object.keys(prices).length !== 1);
  assert.deepEqual(Object.keys(prices), ["letter-set"]);

  send(0x9, "still there?");
  let answer;
  do answer = await frame();
  while (answer.opcode !== 0xa);
  assert.equal(answer.payload.toString(), "still there?");
  socket.destroy();
});

test("SIGTERM closes every connection with 1001, and the process ends with 0", async (t) => {
  const { port, child } = await start(t);
  const { frame, send, message, socket } = await client(port);
  await message();
  child.kill("SIGTERM");
  let last;
  do last = await frame();
  while (last.opcode !== 0x8);
  assert.equal(last.payload.readUInt16BE(0), 1001);
  send(0x8, "\x03\xe9");
  socket.end();
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("a client that does not answer the goodbye does not hold the process, and being told twice changes nothing", async (t) => {
  const { port, child } = await start(t);
  const { message } = await client(port);
  await message();
  child.kill("SIGTERM");
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("other paths are 404, and without an upgrade /live is 426", async (t) => {
  const { port } = await start(t);
  assert.match((await client(port, "/other")).head, /^HTTP\/1\.1 404 /);
  assert.equal((await fetch(`http://127.0.0.1:${port}/live`)).status, 426);
  assert.equal((await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).ok, true);
});

test("a frame without a mask ends the connection with 1002", async (t) => {
  const { port } = await start(t);
  const { socket, frame } = await client(port);
  socket.write(Buffer.from([0x81, 0x01, 0x41]));
  let last;
  do last = await frame();
  while (last.opcode !== 0x8);
  assert.equal(last.payload.readUInt16BE(0), 1002);
});
