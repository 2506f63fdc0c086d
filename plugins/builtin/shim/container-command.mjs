// Does something in a container over the Engine API, for whoever started this: `exec` runs a program in a running one,
// `run` starts one. Streams its output, passes signals on, and ends with its exit code. It is a process of its own so that
// it outlives the daemon like any command; its environment carries the program's, which no argument may.
//   node container-command.mjs exec SOCKET CONTAINER CWD -- PROGRAM ARG…
//   node container-command.mjs run SOCKET CONTAINER

import { request } from "node:http";
import process from "node:process";

const [mode, socketPath, container, cwd, , ...argv] = process.argv.slice(2);
/** The engine itself could not be asked; as `docker exec` says it. */
const couldNotAsk = 125;
/** Between SIGTERM and our own end by force: then the program would be left behind. */
const forceAfter = 2000;
const lookAgain = 100;

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<{ status: number, json: any }>}
 */
async function ask(method, path, body) {
  const response = await send(method, path, body);
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const json = text.trim() === "" ? null : JSON.parse(text.trim().split("\n")[0] ?? "");
  return { status: response.statusCode ?? 0, json };
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<import("node:http").IncomingMessage>}
 */
function send(method, path, body, headers = {}) {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request({
      socketPath,
      method,
      path,
      agent: false,
      headers: {
        ...(payload === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
        ...headers,
      },
    });
    asked.once("error", reject);
    asked.once("response", resolve);
    // A connection that was turned into a stream is read like any other answer.
    asked.once("upgrade", (response, stream, head) => {
      if (head.length > 0) stream.unshift(head);
      resolve(Object.assign(stream, { statusCode: response.statusCode }));
    });
    asked.end(payload);
  });
}

/**
 * Writes what comes in frames of 8 bytes of header and a length.
 *
 * @param {AsyncIterable<Buffer>} stream
 */
async function show(stream) {
  let rest = Buffer.alloc(0);
  for await (const piece of stream) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    while (rest.length >= 8) {
      const length = rest.readUInt32BE(4);
      if (rest.length < 8 + length) break;
      const to = rest[0] === 2 ? process.stderr : process.stdout;
      if (!to.write(rest.subarray(8, 8 + length))) await new Promise((resolve) => to.once("drain", resolve));
      rest = rest.subarray(8 + length);
    }
  }
}

/** The program's environment, in pieces that a variable can hold. */
function environment() {
  let text = "";
  for (let index = 0; process.env[`FAIRWAY_ENVIRONMENT_${index}`] !== undefined; index++)
    text += process.env[`FAIRWAY_ENVIRONMENT_${index}`];
  return Object.entries(text === "" ? {} : JSON.parse(text)).map(([name, value]) => `${name}=${value}`);
}

/** @param {{ status: number, json: any }} answer */
function must(answer) {
  if (answer.status < 300 || answer.status === 304) return answer.json;
  throw new Error(answer.json?.message ?? `the engine answered ${answer.status}`);
}

const delay = (time) => new Promise((resolve) => setTimeout(resolve, time));

async function exec() {
  const { Id } = must(
    await ask("POST", `/containers/${container}/exec`, {
      AttachStdout: true,
      AttachStderr: true,
      Env: environment(),
      WorkingDir: cwd,
      Cmd: argv,
    }),
  );
  // Also a signal that comes before the program is there is for it.
  let wanted = null;
  const pass = async (signal) => {
    wanted = signal;
    const { json } = await ask("GET", `/exec/${Id}/json`);
    if (json?.Running === true && json.Pid > 0) killGroup(json.Pid, signal);
  };
  passSignals(pass);
  const stream = await send(
    "POST",
    `/exec/${Id}/start`,
    { Detach: false, Tty: false },
    { connection: "Upgrade", upgrade: "tcp" },
  );
  if (stream.statusCode >= 400) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    throw new Error(JSON.parse(Buffer.concat(chunks).toString("utf8")).message);
  }
  if (wanted !== null) await pass(wanted);
  await show(stream);
  for (;;) {
    const { Running, ExitCode } = must(await ask("GET", `/exec/${Id}/json`));
    if (Running !== true) return ExitCode;
    await delay(lookAgain);
  }
}

/** A program in a container leads a session of its own; the engine has no call to signal it. */
function killGroup(pid, signal) {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch (thrown) {
      if (thrown.code === "EPERM") process.stderr.write(`cannot end the program in the container: not permitted\n`);
    }
  }
}

async function run() {
  passSignals((signal) => ask("POST", `/containers/${container}/kill?signal=${signal}`));
  must(await ask("POST", `/containers/${container}/start`));
  await show(await send("GET", `/containers/${container}/logs?follow=1&stdout=1&stderr=1`));
  return must(await ask("POST", `/containers/${container}/wait`)).StatusCode;
}

/** @param {(signal: string) => unknown} pass */
function passSignals(pass) {
  for (const signal of ["SIGINT", "SIGTERM"])
    process.on(signal, () => {
      void Promise.resolve(pass(signal)).catch(() => undefined);
      if (signal === "SIGTERM")
        setTimeout(() => void Promise.resolve(pass("SIGKILL")).catch(() => undefined), forceAfter).unref();
    });
}

try {
  process.exitCode = mode === "exec" ? await exec() : await run();
} catch (thrown) {
  process.stderr.write(`container: ${thrown.message}\n`);
  process.exitCode = couldNotAsk;
}
