import { dayPrice } from "../../shared/day-price.mjs";

import { createConnection } from "./connection.mjs";
import { answerHandshake, refusal } from "./handshake.mjs";

/** What a client may ask for: `{"watch": ["moon-jar"]}`, or `{"watch": "all"}`. Null for anything else. */
function readWatch(text) {
  try {
    const { watch } = JSON.parse(text);
    if (watch === "all") return { all: true };
    if (Array.isArray(watch) && watch.length <= 100 && watch.every((id) => typeof id === "string"))
      return { ids: new Set(watch) };
  } catch {
    // Not JSON: as unknown as any other wish.
  }
  return null;
}

/**
 * The prices of the day over WebSocket: a greeting, then all prices at once and again with every tick. `listings`
 * returns what is for sale now.
 */
export function createLive({ facts, listings, now = Date.now, path = "/live" }) {
  const clients = new Set();
  let stopping = false;

  const prices = ({ ids }) => {
    const at = now();
    const wanted = listings().filter(({ id }) => !ids || ids.has(id));
    return JSON.stringify({
      type: "prices",
      at: new Date(at).toISOString(),
      prices: Object.fromEntries(wanted.map((listing) => [listing.id, dayPrice(listing, at)])),
    });
  };

  function accept(socket) {
    const client = { watch: { all: true } };
    client.connection = createConnection(socket, {
      onText(text) {
        const watch = readWatch(text);
        if (!watch)
          return client.connection.send(
            JSON.stringify({ type: "error", message: 'Send {"watch": [ids]} or {"watch": "all"}.' }),
          );
        client.watch = watch;
        client.connection.send(prices(watch));
      },
      onClose: () => clients.delete(client),
    });
    clients.add(client);
    const { release, sha, replica } = facts;
    client.connection.send(JSON.stringify({ type: "hello", release, sha, replica }));
    client.connection.send(prices(client.watch));
  }

  return {
    get connections() {
      return clients.size;
    },
    /** For the `upgrade` event of a server. */
    upgrade(request, socket, head) {
      socket.on("error", () => socket.destroy());
      const here = request.url.split("?")[0] === path;
      const answer = stopping
        ? refusal("503 Service Unavailable")
        : here
          ? answerHandshake(request)
          : refusal("404 Not Found");
      if (!answer.accepted) return socket.end(answer.bytes);
      socket.write(answer.bytes);
      if (head.length > 0) socket.unshift(head);
      accept(socket);
    },
    tick() {
      const toAll = clients.size > 0 ? prices({}) : null;
      for (const { connection, watch } of clients) connection.send(watch.all ? toAll : prices(watch));
    },
    beat() {
      for (const { connection } of clients) connection.beat();
    },
    /** Tells every client that this server goes away (1001), so that it comes back to another. */
    stop() {
      stopping = true;
      for (const { connection } of clients) connection.close(1001, "moving to another server");
    },
  };
}
