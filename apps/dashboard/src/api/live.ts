import type { EventShape } from "@fairway/api";
import { routes } from "@fairway/api/routes";
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { createBatch } from "./batch.ts";
import { daemonUrl } from "./client.ts";
import type { Stale } from "./stale-after.ts";
import { staleAfter } from "./stale-after.ts";

/** Whether what the page shows is kept up to date. */
export type Connection = "connecting" | "live" | "away";

/** How long after one round of questions the next may begin, in milliseconds. */
const rest = 300;
/** After which a stream that the server has ended for good is opened again, in milliseconds. */
const again = 2_000;

let connection: Connection = "connecting";
const watchers = new Set<() => void>();

function become(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const watcher of watchers) watcher();
}

/** For `useSyncExternalStore`. */
export const connectionStore = {
  now: (): Connection => connection,
  subscribe: (watcher: () => void): (() => void) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
};

/**
 * Keeps every answer fresh over one connection for as long as the page is looked at. A page that nobody sees gives its
 * connection back (browsers have six for one daemon), and asks everything again when it is seen.
 */
export function keepLive(queries: QueryClient): () => void {
  const stale = createBatch<Stale>(
    (items) => stale(askAgain(queries, items)),
    ({ operation, run = "" }) => `${operation} ${run}`,
    rest,
    { onFrame: (work) => requestAnimationFrame(work), after: (millis, work) => setTimeout(work, millis) },
  );
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let seen = "";

  function open(): void {
    clearTimeout(timer);
    source?.close();
    if (document.visibilityState === "hidden") return;
    source = new EventSource(`${daemonUrl}${routes.events.path}${seen === "" ? "" : `?after=${seen}`}`);
    source.addEventListener("open", () => {
      if (connection === "away") void queries.invalidateQueries();
      become("live");
    });
    source.addEventListener("message", ({ data, lastEventId }: MessageEvent<string>) => {
      if (lastEventId !== "") seen = lastEventId;
      const event = JSON.parse(data) as EventShape;
      // What came in between is not known any more.
      if (event.kind === "events.forgotten") void queries.invalidateQueries();
      else stale(staleAfter(event));
    });
    source.addEventListener("problem", () => void queries.invalidateQueries({ queryKey: ["me"] }));
    source.addEventListener("error", () => {
      become("away");
      void queries.invalidateQueries({ queryKey: ["me"] });
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, again);
    });
  }

  function onVisibility(): void {
    if (document.visibilityState === "hidden") {
      source?.close();
      source = null;
      return;
    }
    if (source === null) {
      open();
      void queries.invalidateQueries();
    }
  }

  document.addEventListener("visibilitychange", onVisibility);
  // Said long before a stream is found to be dead. Not believed though: this machine's own daemon is there without a network.
  window.addEventListener("offline", open);
  window.addEventListener("online", open);
  open();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    window.removeEventListener("offline", open);
    window.removeEventListener("online", open);
    clearTimeout(timer);
    source?.close();
    source = null;
  };
}

/**
 * Asks again what is stale. A question that is under way already is left to end, and asked once more after it: its answer
 * may be older than the event, and one that was cut off by each event would never come.
 */
function askAgain(queries: QueryClient, items: readonly Stale[]): readonly Stale[] {
  return items.filter((item) => {
    const filter = {
      predicate: ({ queryKey: [name, input] }: { readonly queryKey: QueryKey }) =>
        name === item.operation && (item.run === undefined || (input as { readonly run?: string }).run === item.run),
    };
    if (queries.isFetching(filter) > 0) return true;
    void queries.invalidateQueries(filter);
    return false;
  });
}
