import { createServer } from "node:net";
import { FairwayError } from "@fairway/core";

/** The ports that replicas get, both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Hands out ports, each to one replica only, until they are given back. */
export interface Ports {
  /** Keeps a port that a replica on record has. */
  hold(port: number): void;
  take(): Promise<number>;
  giveBack(port: number): void;
}

/**
 * Where this process begins in a range: far from where those with the next numbers do, since hosts that are started
 * together would find the same ports free, and give each to a replica. The golden ratio keeps any hundred of them apart.
 */
export const firstOf = ({ from, to }: PortRange, pid: number = process.pid): number =>
  from + Math.floor(((pid * 0.618_033_988_749_895) % 1) * (to - from + 1));

/**
 * A port is held from the moment it is looked at, so that two starts at once never get the same, and handed out round
 * robin, so that one that was just given back is the last to come again.
 */
export function portsIn(range: PortRange, first: number = range.from): Ports {
  const held = new Set<number>();
  let next = first;

  return {
    hold: (port) => void held.add(port),
    giveBack: (port) => void held.delete(port),

    async take() {
      for (let tried = range.from; tried <= range.to; tried++) {
        const port = next;
        next = next >= range.to ? range.from : next + 1;
        if (held.has(port)) continue;
        held.add(port);
        if (await isFree(port)) return port;
        held.delete(port);
      }
      throw new FairwayError("port_in_use", `every port from ${range.from} to ${range.to} is taken`, {
        hint: "End what listens there, or give the host a larger range.",
        retryable: true,
      });
    },
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
