import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { FairwayError } from "@fairway/core";
import type { TestClient, PublicClient, WalletClient } from "viem";
import { createPublicClient, createTestClient, createWalletClient, http } from "viem";
import type { ChainConnection } from "./chain-connection.ts";

/** A copy of a chain as it is now, on which anybody's transaction can be tried. */
export interface ChainFork {
  readonly client: PublicClient;
  readonly wallet: WalletClient;
  readonly test: TestClient;
  /** Ends it, with all that was done there. */
  close(): Promise<void>;
}

/** Ends what it started when whoever started it is gone, however that went. */
const keeper = `
const child = require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: ["ignore", "inherit", "inherit"] });
child.on("error", (error) => { process.stderr.write(String(error.code)); process.exit(127); });
child.on("exit", (code) => process.exit(code ?? 1));
process.stdin.on("end", () => child.kill("SIGKILL")).resume();
`;

/**
 * Forks a chain with anvil, which must be on the PATH. It asks the chain through us: the addresses of nodes, which may hold
 * keys, are in no command line, and their limits hold. Throws `command_failed` where anvil is missing or does not start.
 */
export async function forkChain(chain: ChainConnection, program = "anvil"): Promise<ChainFork> {
  const relay = await relayTo(chain);
  const args = ["--port", "0", "--fork-url", relay.url, "--no-rate-limit", "--accounts", "0", "--auto-impersonate"];
  const child = spawn(process.execPath, ["-e", keeper, program, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  const close = async (): Promise<void> => {
    child.stdin.end();
    await ended;
    await relay.close();
  };
  try {
    const url = await addressOf(child.stdout, child.stderr, ended, program);
    const transport = http(url, { timeout: 30_000, retryCount: 0 });
    return {
      client: createPublicClient({ transport, pollingInterval: 20, cacheTime: 0 }),
      wallet: createWalletClient({ transport }),
      test: createTestClient({ transport, mode: "anvil" }),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Where anvil listens, which it says. */
function addressOf(
  stdout: NodeJS.ReadableStream,
  stderr: NodeJS.ReadableStream,
  ended: Promise<void>,
  program: string,
): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    stdout.on("data", (part: Buffer) => {
      said += String(part);
      const [, address] = /Listening on (\S+)/u.exec(said) ?? [];
      if (address !== undefined) resolve(`http://${address}`);
    });
    stderr.on("data", (part: Buffer) => (said += String(part)));
    void ended.then(() =>
      reject(
        new FairwayError("command_failed", `the change cannot be tried on a fork: ${program} did not start`, {
          problems: said.trim() === "" ? [] : [said.trim().slice(-500)],
          hint: "install Foundry's anvil, so that it is on the PATH of the daemon",
        }),
      ),
    );
  });
}

/** In bytes; a transaction that makes the largest contract has a hundredth of it. */
const longestQuestion = 8 * 1024 * 1024;

/** One question, or several at once; null for what is neither. */
function callsIn(text: string): object | null {
  try {
    const read: unknown = JSON.parse(text);
    const isCall = (one: unknown): boolean => typeof one === "object" && one !== null && "method" in one;
    return (Array.isArray(read) ? read.every(isCall) : isCall(read)) ? (read as object) : null;
  } catch {
    return null;
  }
}

/** Speaks JSON-RPC for a chain on this machine alone. */
export async function relayTo({
  request,
}: Pick<ChainConnection, "request">): Promise<{ readonly url: string; close(): Promise<void> }> {
  interface Call {
    readonly id: unknown;
    readonly method: string;
    readonly params?: unknown;
  }
  const answer = async ({ id, method, params }: Call): Promise<object> => {
    try {
      return { jsonrpc: "2.0", id, result: await request({ method, params }) };
    } catch (thrown) {
      const { code = -32_000, shortMessage = "the node failed" } = thrown as { code?: number; shortMessage?: string };
      return { jsonrpc: "2.0", id, error: { code, message: shortMessage } };
    }
  };
  const server = createServer((asked, answered) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    asked.on("data", (part: Buffer) => {
      bytes += part.length;
      // What is too long is read to its end, and not kept.
      if (bytes <= longestQuestion) parts.push(part);
    });
    asked.on("end", () => {
      if (bytes > longestQuestion) return void answered.writeHead(413).end();
      const calls = callsIn(String(Buffer.concat(parts))) as Call | readonly Call[] | null;
      // Whoever is on this machine may ask: what is no question ends nobody.
      if (calls === null) return void answered.writeHead(400).end();
      void (Array.isArray(calls) ? Promise.all((calls as readonly Call[]).map(answer)) : answer(calls as Call)).then(
        (body) => answered.setHeader("content-type", "application/json").end(JSON.stringify(body)),
      );
    });
  });
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
