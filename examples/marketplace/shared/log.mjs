const levels = ["debug", "info", "warn", "error"];

/** Writes one JSON line per event to standard output; what is below `LOG_LEVEL` is not written. */
export function createLog(
  facts,
  { level = process.env.LOG_LEVEL ?? "info", write = (line) => process.stdout.write(line) } = {},
) {
  const least = Math.max(0, levels.indexOf(level));
  const at =
    (name) =>
    (message, fields = {}) => {
      if (levels.indexOf(name) < least) return;
      const { service, release, replica } = facts;
      write(
        `${JSON.stringify({ time: new Date().toISOString(), level: name, service, release, replica, message, ...fields })}\n`,
      );
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** An error as fields of a log line. */
export const errorFields = (error) => ({
  error: error?.message ?? String(error),
  code: error?.code,
  stack: error?.stack,
});
