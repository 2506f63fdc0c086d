import { createServer } from "node:net";

/**
 * Three that were free just now, below those that the system and hosts deal out: while the daemon is dead, nobody who asks for
 * any port gets one of these.
 */
export async function freePorts(): Promise<[number, number, number]> {
  for (let from = 11_000 + (process.pid % 2500) * 3; from < 19_997; from += 3) {
    const ports: [number, number, number] = [from, from + 1, from + 2];
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
  throw new Error("no three ports are free below 20000");
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((tell) => {
    const server = createServer();
    server.once("error", () => tell(false));
    server.listen(port, "127.0.0.1", () => server.close(() => tell(true)));
  });
