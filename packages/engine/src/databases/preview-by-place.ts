import type { PreviewDatabases, PreviewOrigin, PreviewServer } from "./preview-databases.ts";
import { previewDatabaseName } from "./preview-name.ts";
import type { ServerSession } from "./preview-server.ts";
import { inTurn, onServer, unlessGone } from "./preview-server.ts";

/** What each preview has of its own on a server. */
export interface PreviewKind {
  readonly word: "database" | "schema";
  /** The connection string by which a preview reaches it. */
  readonly address: (name: string) => string;
  /** Whether it is there, seeded, and says so itself. */
  readonly isWhole: (session: ServerSession, name: string) => Promise<boolean>;
  /** Makes it anew, whatever a killed try has left. */
  readonly make: (
    session: ServerSession,
    name: string,
    origin: PreviewOrigin,
    seed: ((url: string) => Promise<void>) | null,
  ) => Promise<void>;
  /** False when there was nothing to take away. */
  readonly drop: (session: ServerSession, name: string) => Promise<boolean>;
}

/** Makes and takes away what each place has; nobody else works on the same meanwhile, and nothing half-made stays. */
export function previewByPlace(
  { url, installation }: Pick<PreviewServer, "url" | "installation">,
  { word, address, isWhole, make, drop }: PreviewKind,
): Pick<PreviewDatabases, "open" | "address" | "close"> {
  return {
    open: (place, origin, seed) => {
      const name = previewDatabaseName(installation, place);
      return onServer(url, `make the ${word} ${name}`, (session) =>
        inTurn(session, name, async () => {
          if (!(await isWhole(session, name)))
            try {
              await make(session, name, origin, seed);
            } catch (thrown) {
              await drop(session, name).catch(unlessGone);
              throw thrown;
            }
          return address(name);
        }),
      );
    },

    address: (place) => address(previewDatabaseName(installation, place)),

    close: (place) => {
      const name = previewDatabaseName(installation, place);
      return onServer(url, `drop the ${word} ${name}`, (session) => inTurn(session, name, () => drop(session, name)));
    },
  };
}
