import { isIP } from "node:net";

/** Where a listener is bound. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where all listeners of a router are bound. */
export interface Bound {
  readonly public: Address;
  readonly internal: Address;
  /** Null when it ends no TLS. */
  readonly tls: Address | null;
}

/** `127.0.0.1:8080` or `[::1]:8080`; port 0 asks for any. Undefined when it is neither. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)|(localhost)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const host = match[3] === undefined ? (match[1] ?? match[2] ?? "") : "127.0.0.1";
  const port = Number(match[4]);
  return isIP(host) === 0 || port > 65_535 ? undefined : { host, port };
}

export const addressText = ({ host, port }: Address): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** Whether only this machine can reach it. */
export const isLoopback = ({ host }: Address): boolean => host === "::1" || host.startsWith("127.");
