import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { atEnd } from "./cleanup.ts";

/** What a client got over TLS. */
export interface TlsAnswer {
  readonly protocol: string | null;
  readonly alpn: string | false | null;
  readonly serial: string;
  readonly text: string;
}

/** Opens a connection that trusts anything. Rejects with the error of a handshake that fails. */
export function openTls(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    host: "127.0.0.1",
    port,
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: false,
    ...options,
  });
  atEnd(() => socket.destroy());
  return new Promise((open, failed) => {
    socket.once("secureConnect", () => open(socket));
    socket.once("error", failed);
  });
}

/** Sends one request and waits for the end. */
export async function askTls(port: number, request: string, options: ConnectionOptions = {}): Promise<TlsAnswer> {
  const socket = await openTls(port, options);
  const serial = socket.getPeerCertificate().serialNumber;
  const about = { protocol: socket.getProtocol(), alpn: socket.alpnProtocol, serial };
  socket.write(request);
  let text = "";
  for await (const part of socket.setEncoding("latin1") as AsyncIterable<string>) text += part;
  return { ...about, text };
}
