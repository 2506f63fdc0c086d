import type { JobContainers } from "@fairway/core";

/** Asks whoever has the containers; the answer is what the method answers. */
export type AskContainers = (method: keyof JobContainers, given: readonly unknown[]) => Promise<unknown>;

/** The containers of a job that runs apart from its host: every call is a question. */
export function remoteContainers(ask: AskContainers): JobContainers {
  const asking =
    <M extends keyof JobContainers>(method: M) =>
    (...given: Parameters<JobContainers[M]>): ReturnType<JobContainers[M]> =>
      ask(method, given) as ReturnType<JobContainers[M]>;
  return {
    pull: asking("pull"),
    build: asking("build"),
    network: asking("network"),
    ensure: asking("ensure"),
    state: asking("state"),
    lastLines: asking("lastLines"),
    remove: asking("remove"),
    removeAll: asking("removeAll"),
    inside: asking("inside"),
    whole: asking("whole"),
  };
}
