import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A state that lies behind Terraform's `http` backend (https://developer.hashicorp.com/terraform/language/backend/http). */
export interface HttpState {
  /** The backend block that leads here. */
  readonly backend: string;
  /** The state; null while there is none. */
  state: string | null;
  /** Who holds its lock, as JSON; null when nobody does. */
  lock: string | null;
  /** Whether the state may be written. */
  takesWrites: boolean;
  /** Asked each time that a lock is asked for and somebody holds it. */
  whenHeld: () => void;
  close(): Promise<void>;
}

/** Serves one on a free port. */
export async function httpState(): Promise<HttpState> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => void parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      const answer = (code: number, text = ""): void => void response.writeHead(code).end(text);
      switch (request.method) {
        case "LOCK":
          if (of.lock !== null) {
            of.whenHeld();
            return answer(423, of.lock);
          }
          of.lock = body;
          return answer(200);
        case "UNLOCK":
          of.lock = null;
          return answer(200);
        case "POST":
          if (!of.takesWrites) return answer(507);
          of.state = body;
          return answer(200);
        default:
          return of.state === null ? answer(404) : answer(200, of.state);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/state`;
  const of: HttpState = {
    backend: `terraform {
  backend "http" {
    address        = "${address}"
    lock_address   = "${address}"
    unlock_address = "${address}"
    retry_max      = 0
  }
}
`,
    state: null,
    lock: null,
    takesWrites: true,
    whenHeld: () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return of;
}
