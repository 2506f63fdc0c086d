import { answer, type Exchange, sendEntry } from "./exchange.ts";

/**
 * Nx's self-hosted remote cache: https://nx.dev/docs/guides/tasks--caching/self-hosted-caching. Returns false for an
 * address that is not of this protocol.
 */
export async function speakNx(exchange: Exchange): Promise<boolean> {
  const { request, response, url, store, grant } = exchange;
  const [, hash = ""] = /^\/v1\/cache\/([\w-]{1,200})$/.exec(url.pathname) ?? [];
  if (hash === "") return false;
  const nameIn = (scope: string) => ({ kind: "nx", scope, key: hash, version: "" }) as const;
  if (request.method === "GET" || request.method === "HEAD") {
    const scope = grant.reads.find((ref) => store.find(nameIn(ref)) !== undefined);
    await sendEntry(exchange, scope === undefined ? undefined : store.find(nameIn(scope)));
    return true;
  }
  if (request.method !== "PUT") return false;
  if (grant.saves === null) {
    request.resume();
    text(exchange, 403, "This run may read caches and save none.");
    return true;
  }
  const name = nameIn(grant.saves);
  if (store.find(name) !== undefined) {
    request.resume();
    text(exchange, 409, "Cannot override an existing record");
    return true;
  }
  const blob = await store.receive(request);
  if ("refused" in blob) {
    answer(response, { message: "larger than all caches may be" }, 413);
    return true;
  }
  await store.add(name, blob);
  text(exchange, 200, "");
  return true;
}

const text = ({ response }: Exchange, status: number, body: string): void => {
  response.writeHead(status, { "content-type": "text/plain" }).end(body);
};
