import { closeSync } from "node:fs";
import * as net from "node:net";
import { getSystemErrorName } from "node:util";
import { addressText, type Address } from "./address.ts";

/** A socket that is bound and held open but never accepted from by whoever holds it. */
export interface HeldSocket {
  readonly fd: number;
  close(): void;
}

/** Why a socket could not be bound: `EADDRINUSE`, `EACCES`. */
export interface BindProblem {
  readonly code: string;
  readonly message: string;
}

interface Handle {
  readonly fd: number;
  getsockname?(into: { address?: string; port?: number }): number;
  close(): void;
}

/**
 * Node's cluster module binds with this to hand sockets to its workers. It is the only way to bind without accepting:
 * `server.listen` would take connections here that the worker is to have.
 */
const { _createServerHandle: createHandle } = net as unknown as {
  _createServerHandle?: (address: string, port: number, family: number) => Handle | number;
};

/** A socket that this process was started with. */
export const inheritedSocket = (fd: number): HeldSocket => ({ fd, close: () => closeSync(fd) });

/** Binds a TCP address. `address` in the result has the port that was given for port 0. */
export function bindTcp(address: Address): { socket: HeldSocket; address: Address } | BindProblem {
  const handle = bind(address.host, address.port, net.isIP(address.host));
  if (typeof handle === "number") return problem(handle, addressText(address));
  // A taken port shows only when the socket is asked for its name: libuv keeps it back until then.
  const name: { address?: string; port?: number } = {};
  const failure = handle.getsockname?.(name) ?? 0;
  if (failure !== 0) {
    handle.close();
    return problem(failure, addressText(address));
  }
  return { socket: handle, address: { host: address.host, port: name.port ?? address.port } };
}

/** Binds a unix socket at a path where nothing is. */
export function bindUnix(path: string): { socket: HeldSocket } | BindProblem {
  const handle = bind(path, -1, -1);
  return typeof handle === "number" ? problem(handle, path) : { socket: handle };
}

function bind(address: string, port: number, family: number): Handle | number {
  if (createHandle === undefined)
    throw new Error(`Node ${process.version} cannot bind a socket without accepting from it`);
  return createHandle(address, port, family);
}

function problem(errno: number, what: string): BindProblem {
  const code = getSystemErrorName(errno);
  return { code, message: `could not bind ${what}: ${code}` };
}
