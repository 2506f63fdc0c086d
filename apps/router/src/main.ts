import { addressText } from "./process/address.ts";
import { routerArguments } from "./process/arguments.ts";
import { Holder } from "./process/holder.ts";

/** Tells whoever started the router with a channel; then that one may go, and the router stays. */
function report(message: object): void {
  if (process.send === undefined) return;
  process.send(message, () => process.connected && process.disconnect());
}

const router = routerArguments(process.argv.slice(2));
if (typeof router === "string") {
  process.stderr.write(`${router}\n`);
  report({ kind: "failed", code: "bad_request", message: router });
  process.exitCode = 2;
} else {
  const holder = await (router.takeOver ? Holder.takeOver(router) : Holder.start(router));
  if ("code" in holder) {
    process.stderr.write(`fairway-router: ${holder.message}\n`);
    report({ kind: "failed", ...holder });
    process.exitCode = 1;
  } else {
    const { addresses } = holder;
    const stop = (): void => void holder.stop();
    holder.whenStopped = () => process.exit(0);
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    const { public: onPublic, internal, tls } = addresses;
    // A holder that takes over has the channel to its worker for good.
    if (!router.takeOver) {
      report({
        kind: "serving",
        pid: process.pid,
        public: addressText(onPublic),
        internal: addressText(internal),
        publicTls: tls === null ? null : addressText(tls),
      });
    }
  }
}
