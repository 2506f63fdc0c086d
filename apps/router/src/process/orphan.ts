import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { argumentsOf, type RouterArguments } from "./arguments.ts";
import { inherited, type HolderMessage, type WorkerMessage } from "./messages.ts";
import { socketsOf } from "./worker-process.ts";
import { childLink, type ProcessLink } from "./process-link.ts";

/** What came of a worker's attempt to get a new holder. */
export type NewHolder =
  | { readonly outcome: "adopted"; readonly link: ProcessLink }
  /** Another process holds the directory, be it only for the moment of finding out that it need not. */
  | { readonly outcome: "taken" }
  | { readonly outcome: "failed"; readonly why: string };

/** What a holder that cannot hold says before it ends. */
interface Failure {
  readonly kind: "failed";
  readonly code: string;
  readonly message: string;
}

const adoptWithin = 10_000;

/**
 * Starts a holder, with the code on disk, on the sockets of this worker, whose own holder has died. A process cannot be
 * given sockets from outside, but it can give them to a child: so the worker is the one that starts its new parent.
 */
export function newHolder(
  router: RouterArguments,
  orphan: Extract<WorkerMessage, { kind: "orphan" }>,
): Promise<NewHolder> {
  const program = fileURLToPath(new URL("../main.js", import.meta.url));
  const bound = { public: router.publicAddress, internal: router.internalAddress, tls: router.tlsAddress };
  const child = spawn(process.execPath, [program, "--take-over", ...argumentsOf(router, bound)], {
    detached: true,
    stdio: ["ignore", 2, 2, ...socketsOf(bound.tls !== null, inherited), "ipc"],
  });
  const link = childLink(child);
  link.send(orphan);
  return new Promise((tell) => {
    const late = setTimeout(() => link.kill(), adoptWithin);
    const end = (what: NewHolder): void => {
      clearTimeout(late);
      tell(what);
    };
    link.onMessage((message) => {
      const said = message as HolderMessage | Failure;
      if (said.kind === "adopted") end({ outcome: "adopted", link });
      if (said.kind !== "failed") return;
      end(said.code === "already_running" ? { outcome: "taken" } : { outcome: "failed", why: said.message });
    });
    link.onGone((how) => end({ outcome: "failed", why: `it ended with ${how}` }));
  });
}
