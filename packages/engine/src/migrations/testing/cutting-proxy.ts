import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a connection breaks: before or after so many pieces have gone one way. */
export interface Cut {
  readonly way: "to the server" | "from the server";
  readonly after: number;
  /** Whether the piece that it breaks at still arrives. */
  readonly delivers: boolean;
}

/** A way to a PostgreSQL that breaks where it is told to, as it does when a process on either side is killed. */
export interface CuttingProxy {
  readonly url: string;
  /** The next connection breaks there, once; null lets it live. */
  cutNext(cut: Cut | null): void;
  close(): Promise<void>;
}

export async function cuttingProxy(url: string): Promise<CuttingProxy> {
  const target = new URL(url);
  const port = target.port === "" ? "5432" : target.port;
  const host = target.searchParams.get("host");
  const folder = await mkdtemp(join(tmpdir(), "cut-"));
  const open = new Set<Socket>();
  let next: Cut | null = null;

  const server = createServer((near) => {
    const cut = next;
    next = null;
    const far =
      host === null ? connect(Number(port), target.hostname) : connect({ path: join(host, `.s.PGSQL.${port}`) });
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    const pass = (from: Socket, to: Socket, way: Cut["way"]): void => {
      let pieces = 0;
      from.on("data", (piece) => {
        pieces += 1;
        if (cut?.way !== way || pieces < cut.after) return void to.write(piece);
        if (cut.delivers) to.write(piece, end);
        else end();
      });
    };
    pass(near, far, "to the server");
    pass(far, near, "from the server");
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        open.delete(socket);
        end();
      });
    }
  });
  await new Promise<void>((resolve) => void server.listen(join(folder, `.s.PGSQL.${port}`), resolve));
  const through = new URL(url);
  if (host === null) through.hostname = "localhost";
  through.searchParams.set("host", folder);
  return {
    url: through.href,
    cutNext: (cut) => void (next = cut),
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
