// Asks a port as many kinds of clients do, at a steady pace, and counts everything that is not as it should be: any
// answer but a whole 200, a WebSocket that ends without the close frame of a hand-over, an event stream that ends within
// an event. A process of its own, so that neither it nor who deploys waits for the other. Started by mixed-load.ts.
import { Agent, request } from "node:http";

/** @type {import("./mixed-load.ts").LoadPlan} */
const plan = JSON.parse(process.argv[2] ?? "{}");
const { port, rate, slow, webSockets, eventStreams } = plan;
const agent = new Agent({ keepAlive: true, maxSockets: 128 });
const body = Buffer.alloc(2000, "b");
const tick = 10;
const answerWithin = 15_000;
const comeBackIn = 20;

const counts = { requests: 0, slow: 0, messages: 0, webSockets: 0, events: 0, eventStreams: 0, handedOver: 0 };
const failures = {};
const firstFailures = [];
const releases = new Set();
const took = [];
const open = new Set();
let stopping = false;
let stoppedAt;

function fail(what, detail = "") {
  failures[what] = (failures[what] ?? 0) + 1;
  if (firstFailures.length < 20) firstFailures.push(`${new Date().toISOString()} ${what} ${detail}`.trim());
}

/** One request, which is answered when it is over; it has told by then what went wrong. */
function ask(kind, { method = "GET", path = "/", sent, kept = true }) {
  const asked = new Promise((over) => {
    const began = performance.now();
    const wrong = (what, detail) => (fail(`${kind} ${what}`, detail), over());
    const asking = request(
      { agent: kept && agent, host: "127.0.0.1", port, method, path, timeout: answerWithin },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part) => (text += part));
        answer.on("error", (error) => wrong(error.code ?? error.message, `within the answer of ${answer.statusCode}`));
        answer.on("end", () => {
          if (answer.statusCode !== 200) return wrong(String(answer.statusCode), text.slice(0, 200));
          const said = parsed(text);
          if (said?.release === undefined || (sent && said.bytes !== sent.length))
            return wrong("body", text.slice(0, 200));
          releases.add(said.release);
          if (kind === "slow") counts.slow++;
          else took.push(performance.now() - began);
          over();
        });
      },
    );
    asking.on("timeout", () => asking.destroy(Object.assign(new Error("no answer"), { code: "timeout" })));
    asking.on("error", (error) =>
      wrong(error.code ?? error.message, asking.reusedSocket ? "on a kept connection" : "on a new one"),
    );
    asking.end(sent);
  });
  open.add(asked);
  return asked.finally(() => open.delete(asked));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Counted as a wrong body.
  }
}

/** Of ten: seven on kept connections, one on a new one, two that send. */
function askNext() {
  const turn = counts.requests++ % 10;
  if (turn === 3) void ask("fresh", { kept: false });
  else if (turn === 5 || turn === 8) void ask("post", { method: "POST", path: "/echo", sent: body });
  else void ask("get", {});
}

async function askSlowly() {
  while (!stopping) await ask("slow", { path: "/slow" });
}

const streams = new Set();

function streamEvents() {
  if (stopping) return;
  let [text, wrong] = ["", undefined];
  const asking = request({ agent: false, host: "127.0.0.1", port, path: "/events" }, (answer) => {
    if (answer.statusCode !== 200) wrong = String(answer.statusCode);
    counts.eventStreams++;
    answer.setEncoding("utf8").on("data", (part) => {
      counts.events += part.split("\n\n").length - 1;
      text = part.slice(-2);
    });
    answer.on("error", (error) => (wrong = error.code ?? error.message));
    answer.on("close", () => ended(wrong ?? (text === "\n\n" ? undefined : "cut within an event")));
  });
  const ended = (why) => {
    streams.delete(asking);
    if (stopping) return;
    if (why === undefined) counts.handedOver++;
    else fail(`events ${why}`);
    setTimeout(streamEvents, comeBackIn);
  };
  asking.on("error", (error) => ended(error.code ?? error.message));
  asking.end();
  streams.add(asking);
}

/** Sends as well as it listens, so that a hand-over meets frames on their way in both directions. */
function openWebSocket() {
  if (stopping) return;
  const headers = {
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const asking = request({ agent: false, host: "127.0.0.1", port, path: "/", headers });
  const again = (why) => {
    streams.delete(asking);
    if (stopping) return;
    if (why !== undefined) fail(`websocket ${why}`);
    setTimeout(openWebSocket, comeBackIn);
  };
  asking.on("response", (answer) => (answer.resume(), again(String(answer.statusCode))));
  asking.on("error", (error) => again(error.code ?? error.message));
  asking.on("upgrade", (_, socket, head) => {
    counts.webSockets++;
    const speaking = setInterval(() => socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])), 100);
    let [left, code, broken] = [head, 1006, undefined];
    const take = () => {
      while (left.length >= 2) {
        const [kind, length] = [left[0] & 0x0f, left[1] & 0x7f];
        if (left.length < 2 + length) return;
        if (kind === 8) code = left.readUInt16BE(2);
        else if (kind === 1 && parsed(left.subarray(2, 2 + length))?.release !== undefined) counts.messages++;
        else broken = "torn frame";
        left = left.subarray(2 + length);
        if (kind === 8) socket.end();
      }
    };
    socket.on("data", (part) => ((left = Buffer.concat([left, part])), take()));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearInterval(speaking);
      const handedOver = code === 1012 || code === 1001;
      if (handedOver && !stopping) counts.handedOver++;
      again(broken ?? (handedOver ? undefined : `closed with ${code}`));
    });
    take();
  });
  asking.end();
  streams.add(asking);
}

const began = performance.now();
const pace = setInterval(() => {
  // Asked for by the clock: a pause of this process is made up for, so that the pace is what it says.
  while (counts.requests < ((performance.now() - began) * rate) / 1000) askNext();
}, tick);
const slowOnes = Array.from({ length: slow }, askSlowly);
for (let opened = 0; opened < webSockets; opened++) openWebSocket();
for (let opened = 0; opened < eventStreams; opened++) streamEvents();

function report() {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return {
    ...counts,
    seconds: ((stoppedAt ?? performance.now()) - began) / 1000,
    failures,
    firstFailures,
    releases: [...releases],
    p50: at(0.5),
    p99: at(0.99),
  };
}

async function end() {
  clearInterval(pace);
  stopping = true;
  stoppedAt = performance.now();
  await Promise.all([...open, ...slowOnes]);
  for (const stream of streams) stream.destroy();
  process.send(report(), () => process.exit(0));
}

process.on("message", (message) => {
  if (message === "report") process.send(report());
  else void end();
});
process.on("disconnect", () => process.exit(1));
