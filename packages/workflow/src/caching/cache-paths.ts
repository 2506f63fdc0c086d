/**
 * Whether a request is for the cache server. Apart from it, so that a server that both share need not load it before the
 * first such request.
 */
export const isCachePath = (path: string): boolean =>
  /^\/(?:v8\/artifacts|v1\/cache\/|twirp\/github\.actions\.results\.api\.v1\.|_cache-blobs\/)/.test(path);
