import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { CertificateStore } from "./certificate-store.ts";

const handshakeWithin = 10_000;

/**
 * Ends TLS for connections that it is handed: 1.2 or newer, HTTP/1.1 only, and the certificate by the name that the
 * client asks for. A handshake that fails ends its connection and nothing else.
 */
export class TlsServer {
  private readonly server: Server;
  /** Connections whose handshake is not over, by where they come from. */
  private readonly handshaking = new Map<string, Socket>();
  /** Called when a handshake is over in either way. */
  settled: () => void = () => undefined;

  /** `secured` gets the connection with TLS ended, and the one below it. */
  constructor(certificates: CertificateStore, secured: (socket: Socket, below: Socket) => void) {
    const minVersion = "TLSv1.2";
    this.server = createServer({
      ALPNProtocols: ["http/1.1"],
      handshakeTimeout: handshakeWithin,
      minVersion,
      SNICallback: (name, answer) => answer(null, certificates.contextFor(name)),
    });
    const useFallback = (): void => {
      const { certificatePem: cert, keyPem: key } = certificates.fallback ?? {};
      this.server.setSecureContext(cert === undefined ? { minVersion } : { cert, key, minVersion });
    };
    certificates.changed = useFallback;
    useFallback();
    this.server.on("secureConnection", (socket) => {
      secured(socket, this.handshaking.get(keyOf(socket)) ?? socket);
      this.over(socket);
    });
    this.server.on("tlsClientError", (_error: Error, socket: TLSSocket) => socket.destroy());
  }

  get handshakes(): number {
    return this.handshaking.size;
  }

  take(socket: Socket): void {
    const from = keyOf(socket);
    this.handshaking.set(from, socket);
    socket.once("close", () => this.handshaking.get(from) === socket && this.forget(from));
    this.server.emit("connection", socket);
  }

  close(): void {
    for (const socket of [...this.handshaking.values()]) socket.destroy();
  }

  private over(socket: Socket): void {
    this.forget(keyOf(socket));
  }

  private forget(from: string): void {
    if (this.handshaking.delete(from)) this.settled();
  }
}

const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
