import type { IncomingMessage, ServerResponse } from "node:http";
import { FairwayError, messageOf } from "@fairway/core";
import type { ControlOptions, DataDirectory } from "@fairway/engine";
import { isCachePath } from "@fairway/workflow/cache-paths";
import type { CacheAccess, CacheServer, CachingJob } from "@fairway/workflow/cache-server";
import type { DaemonOptions } from "./daemon-options.ts";

/** The caches that this daemon serves to what it runs. */
export interface Caches {
  /** Answers a request that is for the caches; false for one that is not. */
  takes(request: IncomingMessage, response: ServerResponse): boolean;
  /** What a job is given; waits until the daemon answers. Undefined when the caches cannot be opened: jobs go on without. */
  accessFor(job: CachingJob): Promise<CacheAccess | undefined>;
}

interface CachesOptions {
  readonly directory: string;
  /** In bytes. */
  readonly limit: number;
  /** Where jobs reach this daemon, once it answers. */
  readonly url: Promise<string>;
  readonly onTrouble: (problem: string) => void;
}

const gibibyte = 1024 ** 3;
const usualLimit = 10;

/** The caches of a daemon, unless it was told to have none. */
export function cachesFor(
  { cacheLimit = usualLimit }: Pick<DaemonOptions, "cacheLimit">,
  data: DataDirectory,
  url: Promise<string>,
  onTrouble: (problem: string) => void,
): Caches | undefined {
  if (cacheLimit === 0) return undefined;
  return openCaches({ directory: data.caches, limit: Math.floor(cacheLimit * gibibyte), url, onTrouble });
}

/** An address that is known later, or never. */
export function announced(): {
  readonly url: Promise<string>;
  readonly tell: (url: string) => void;
  readonly never: () => void;
} {
  let tell = (_url: string): void => undefined;
  let refuse = (_why: Error): void => undefined;
  const url = new Promise<string>((resolve, reject) => {
    tell = resolve;
    refuse = reject;
  });
  url.catch(() => undefined); // whoever waits is told
  const never = (): void =>
    refuse(new FairwayError("daemon_not_running", "the daemon ended before it answered", { retryable: true }));
  return { url, tell, never };
}

/**
 * What the commands of checks and builds find the caches by. They run what is in the team's own repository, so they share
 * one place of their own.
 */
export function toolCaches(caches: Caches): NonNullable<ControlOptions["toolCaches"]> {
  return async ({ run, job }) => {
    const ref = "releases";
    const access = await caches.accessFor({ run, job, ref, defaultBranch: ref, fromFork: false });
    return { env: access?.toolEnv ?? {}, masks: access === undefined ? [] : [access.token] };
  };
}

const week = 7 * 24 * 60 * 60 * 1000;

/** Opens the store and loads the server when first something asks: most projects never do. */
function openCaches({ directory, limit, url, onTrouble }: CachesOptions): Caches {
  let opened: Promise<CacheServer | undefined> | undefined;
  const server = (): Promise<CacheServer | undefined> =>
    (opened ??= open(directory, limit).catch((thrown: unknown) => {
      // The next one who asks tries again.
      opened = undefined;
      onTrouble(`the caches cannot be opened: ${messageOf(thrown)}`);
      return undefined;
    }));
  return {
    takes(request, response) {
      if (!isCachePath(request.url ?? "")) return false;
      void server().then((ready) => {
        if (ready !== undefined) return ready.handle(request, response);
        request.resume();
        response.writeHead(503).end();
      });
      return true;
    },
    async accessFor(job) {
      const reachable = await url;
      // The end of a token is the same for some days: a command that is found again after a crash has the one of before,
      // and its log is masked with it.
      const until = new Date((Math.ceil(Date.now() / week) + 1) * week);
      return (await server())?.accessFor(job, reachable, until);
    },
  };
}

async function open(directory: string, limit: number): Promise<CacheServer> {
  const { openCacheServer } = await import("@fairway/workflow/cache-server");
  return openCacheServer({ directory, limit });
}
