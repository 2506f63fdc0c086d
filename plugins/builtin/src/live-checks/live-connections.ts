import type { Agent as HttpAgent } from "node:http";
import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { lookup } from "node:dns/promises";
import type { LookupAddress } from "node:dns";
import type { Duplex } from "node:stream";
import type { ConnectionGuard } from "../outgoing/connection-guard.ts";
import { connectionGuard } from "../outgoing/connection-guard.ts";

/** More of one answer is not read: whoever sends it has another purpose, or a fault. */
export const longestAnswer: number = 64 * 1024 * 1024;

/**
 * Where checks of what runs may ask: services are often on a network of one's own, and where machines keep credentials they are
 * not.
 */
export const liveGuard = (): ConnectionGuard => connectionGuard({ origin: "within", resolve });

/**
 * Names below `localhost` are this machine, which not every system's resolver knows:
 * https://www.rfc-editor.org/rfc/rfc6761#section-6.3
 */
export async function resolve(host: string): Promise<readonly LookupAddress[]> {
  if (host === "localhost" || host.endsWith(".localhost")) return [{ address: "127.0.0.1", family: 4 }];
  return lookup(host, { all: true, verbatim: true });
}

/** Agents for libraries that make their own requests: each connection is looked at, and an answer without end is cut off. */
export function liveAgents(guard: ConnectionGuard): { readonly http: HttpAgent; readonly https: TlsAgent } {
  const options = { keepAlive: true, lookup: guard.lookup };
  const guarded = <Made extends HttpAgent>(agent: Made, protocol: string): Made => {
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (given, answer): Duplex | null | undefined => {
      const { host, port } = given as { readonly host?: string; readonly port?: number };
      // An address is never looked up, so it is looked at here.
      guard.check(
        new URL(`${protocol}//${host?.includes(":") === true ? `[${host}]` : (host ?? "localhost")}:${port ?? ""}`),
      );
      const socket = connect(given, answer);
      if (socket !== null && socket !== undefined) cutOff(socket);
      return socket;
    };
    return agent;
  };
  return { http: guarded(new Agent(options), "http:"), https: guarded(new TlsAgent(options), "https:") };
}

function cutOff(socket: Duplex): void {
  let read = 0;
  const { push } = socket;
  socket.push = function counted(this: Duplex, chunk: unknown, ...rest: []) {
    read += chunk instanceof Uint8Array ? chunk.length : 0;
    if (read > longestAnswer)
      queueMicrotask(() => socket.destroy(new Error(`the answer is longer than ${longestAnswer / 1024 ** 2} MiB`)));
    return push.call(this, chunk, ...rest);
  };
  // The agent says it when an answer has ended and the next request may come.
  socket.on("free", () => (read = 0));
}
