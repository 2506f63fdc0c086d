/** Whether the daemon can do its work, and what keeps it from that. Without a detail: anybody may ask. */
export interface Readiness {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, "ok" | "failing" | "degraded">>;
}

/** What is looked at. Each answers, or throws. */
export interface ReadinessParts {
  readonly database: () => Promise<unknown>;
  readonly router: () => Promise<unknown>;
  /** What is wrong with the room for new work; null while there is enough. */
  readonly room: () => Promise<string | null>;
  /** What keeps secrets from being opened. */
  readonly keys: () => Promise<readonly string[]>;
}

/** Longer than this nobody who asks waits. */
const patience = 3_000;

/**
 * Looks at the parts side by side. Without the database or the router nothing goes on, so the daemon is not ready; where there
 * is little room, or no key, what needs it is refused and the rest goes on.
 */
export async function readinessOf(parts: ReadinessParts): Promise<Readiness> {
  const [database, router, disk, key] = await Promise.all([
    holds(() => parts.database().then(() => true)),
    holds(() => parts.router().then(() => true)),
    holds(async () => (await parts.room()) === null),
    holds(async () => (await parts.keys()).length === 0),
  ]);
  return {
    ready: database && router,
    parts: {
      database: database ? "ok" : "failing",
      router: router ? "ok" : "failing",
      disk: disk ? "ok" : "degraded",
      // Where they are recorded cannot be asked.
      key: key || !database ? "ok" : "degraded",
    },
  };
}

/** What throws, or takes too long, does not hold. */
async function holds(look: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patience);
  });
  return Promise.race([look().catch(() => false), late]).finally(() => clearTimeout(timer));
}
