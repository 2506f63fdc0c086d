import { createServer } from "node:net";
import { type Remembered, usualOptions, type WrittenDaemonOptions } from "./daemon-options.ts";

type Ports = Pick<WrittenDaemonOptions, "port" | "routerPort" | "internalPort">;

/** Between two that are tried: the ports of one daemon look alike, 7310 and 7311 beside 8090. */
const step = 10;
const tries = 50;

/**
 * What is asked of a daemon that starts for the first time, with other ports in the place of usual ones that are taken:
 * each repository has a daemon, and the second must not fail at the first's ports. What somebody named is left as it is.
 */
export async function withFreePorts<Asked extends Ports>(
  asked: Asked,
  host: string,
  usual: Pick<Remembered, keyof Ports> = usualOptions,
): Promise<Asked & Ports> {
  const port = asked.port ?? (await freeFrom(usual.port, "127.0.0.1"));
  const routerPort = asked.routerPort ?? (await freeFrom(usual.routerPort, host));
  const internalPort = asked.internalPort ?? (await freeFrom(usual.internalPort, "127.0.0.1"));
  return { ...asked, port, routerPort, internalPort };
}

/** When all are taken it is the first, so that the refusal names the usual port. */
async function freeFrom(usual: number, host: string): Promise<string> {
  for (let port = usual, left = tries; left > 0; port += step, left--)
    if (await isFree(port, host)) return String(port);
  return String(usual);
}

const isFree = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
