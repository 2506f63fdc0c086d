import { type Folder, openFolder } from "./folder.ts";

/** The paths by which services usually tell that they are well, the most telling first. */
const healthPaths = [
  "/healthz",
  "/health",
  "/readyz",
  "/livez",
  "/up",
  "/api/healthz",
  "/api/health",
  "/status",
  "/ping",
];

/** What was found out about how a service answers. */
export interface HttpFacts {
  readonly health: string;
  readonly unsure: readonly string[];
}

/** Looks in the sources for a health path and for the port. `readsPort` when the framework is known to read `PORT`. */
export function detectHttp(folder: Folder, readsPort: boolean): HttpFacts {
  const own = folder.sources().map(({ text }) => text);
  // What services of one repository share is often the part that listens and answers for their health.
  const shared =
    folder.path === "."
      ? []
      : openFolder(folder.root, ".")
          .sources()
          .map(({ text }) => text);
  const sources = [...own, ...shared];
  const health = healthIn(own) ?? healthIn(shared);
  const unsure: string[] = [];
  if (health === undefined)
    unsure.push("no health path was found, so / is asked; a path that says whether the service is well is better");
  if (!readsPort && !sources.some((text) => /\bPORT\b/u.test(text))) {
    const fixed = own.map((text) => /(?:listen\(|port\s*[=:]\s*)(\d{4,5})\b/u.exec(text)?.[1]).find(Boolean);
    unsure.push(
      fixed === undefined
        ? "nothing here reads PORT, and the service must listen on the port that it is given there"
        : `it seems to listen on ${fixed}; it must listen on the port that it is given in PORT`,
    );
  }
  return { health: health ?? "/", unsure };
}

const healthIn = (sources: readonly string[]): string | undefined =>
  healthPaths.find((path) => sources.some((text) => new RegExp(`["'\`]${path}/?["'\`]`, "u").test(text)));
