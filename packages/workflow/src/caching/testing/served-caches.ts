import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CacheAccess, type CacheServer, type CachingJob, openCacheServer } from "../cache-server.ts";

/** A cache server on a port of its own, with what jobs are given. */
export interface ServedCaches {
  readonly url: string;
  readonly server: CacheServer;
  access(job?: Partial<CachingJob>): Promise<CacheAccess>;
  close(): Promise<void>;
}

/** Opens the caches of a directory and serves them. */
export async function servedCaches(directory: string, limit = 1024 ** 3): Promise<ServedCaches> {
  const server = await openCacheServer({ directory, limit });
  const http = createServer((request, response) => void server.handle(request, response));
  await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const usual: CachingJob = {
    run: "run-1",
    job: "build",
    ref: "refs/heads/main",
    defaultBranch: "refs/heads/main",
    fromFork: false,
  };
  return {
    url,
    server,
    access: (job = {}) => server.accessFor({ ...usual, ...job }, url, new Date(Date.now() + 3_600_000)),
    close: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
