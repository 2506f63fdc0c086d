import { chmodSync, rmSync } from "node:fs";
import type { Address, Bound } from "./address.ts";
import { controlSocketOf, type RouterArguments } from "./arguments.ts";
import { bindTcp, bindUnix, type HeldSocket } from "./listening-socket.ts";
import type { StartProblem } from "./start-problem.ts";
import type { Inheritance } from "./worker-process.ts";

/** The sockets of a router, listening, and where. */
interface HeldSockets {
  readonly sockets: readonly HeldSocket[];
  readonly bound: Bound;
  readonly fds: Inheritance["fds"];
}

/** Binds every listener and the control socket, or none of them. */
export function bindSockets(router: RouterArguments): HeldSockets | StartProblem {
  const { directory, publicAddress, internalAddress, tlsAddress } = router;
  const listeners: { socket: HeldSocket; address: Address }[] = [];
  const letGo = (): void => {
    for (const { socket } of listeners) socket.close();
  };
  for (const address of [publicAddress, internalAddress, ...(tlsAddress === null ? [] : [tlsAddress])]) {
    const bound = bindTcp(address);
    if ("code" in bound) {
      letGo();
      return bindFailure(bound.code, bound.message, address.port);
    }
    listeners.push(bound);
  }
  const [onPublic, onInternal, onTls] = listeners;
  if (onPublic === undefined || onInternal === undefined) throw new Error("two listeners were bound");
  const path = controlSocketOf(directory);
  rmSync(path, { force: true });
  const control = bindUnix(path);
  if ("code" in control) {
    letGo();
    return { code: "data_directory_unusable", message: control.message };
  }
  chmodSync(path, 0o600);
  const fds = {
    ...{ public: onPublic.socket.fd, internal: onInternal.socket.fd, control: control.socket.fd },
    ...(onTls === undefined ? {} : { tls: onTls.socket.fd }),
  };
  const bound = { public: onPublic.address, internal: onInternal.address, tls: onTls?.address ?? null };
  const sockets = [...listeners.map(({ socket }) => socket), control.socket];
  return { sockets, bound, fds };
}

const bindFailure = (code: string, message: string, port: number): StartProblem =>
  code === "EADDRINUSE" ? { code: "port_in_use", message, port } : { code: "not_allowed_now", message };
