import { errorFields } from "./log.mjs";

/** Listens on `PORT` (any free one when it is not set) and resolves to the port. */
export function listen(server, env = process.env) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(env.PORT ?? 0), env.HOST ?? "127.0.0.1", () => {
      server.off("error", reject);
      resolve(server.address().port);
    });
  });
}

/**
 * Listens, and on SIGTERM or SIGINT stops in order: `stop` finishes what is open, then the process exits with 0.
 * Told again meanwhile (by a supervisor that signals the whole group, say), it goes on stopping in order.
 */
export async function run({ server, log, stop }) {
  let stopping = false;
  async function end(signal) {
    if (stopping) return;
    stopping = true;
    log.info("stopping", { signal });
    try {
      await stop();
      log.info("stopped");
      process.exit(0);
    } catch (error) {
      log.error("could not stop in order", errorFields(error));
      process.exit(1);
    }
  }
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => void end(signal));
  const port = await listen(server);
  log.info("listening", { port });
  return port;
}
