/** What a process knows about itself: every answer, log line and page that names a release takes it from here. */
export const readFacts = (env = process.env) => ({
  service: env.FAIRWAY_SERVICE ?? "unnamed",
  environment: env.FAIRWAY_ENVIRONMENT ?? "local",
  release: env.FAIRWAY_RELEASE ?? "unreleased",
  sha: env.GIT_SHA ?? "unknown",
  replica: env.FAIRWAY_REPLICA ?? String(process.pid),
});
