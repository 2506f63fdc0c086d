import type { ForgeLogin, ProjectForge } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import type { ForgeConfig, GitHubForge } from "./project-config.ts";

/** Nothing where there is none, so that such a project is the same as before there were forges. */
export function resolveForge(written: ForgeConfig | undefined, ledger: Ledger): ProjectForge | undefined {
  if (written?.github !== undefined) {
    const { github } = written;
    ledger.own(["forge", "github", "repository"], github.repository, github.repository);
    return {
      kind: "github",
      repository: github.repository,
      remote: ledger.own(["forge", "github", "remote"], github.remote, "origin"),
      api: ledger.own(["forge", "github", "api"], github.api, "https://api.github.com"),
      login: loginOf(github),
      webhookSecret: github.webhookSecret ?? null,
      formerWebhookSecret: github.formerWebhookSecret ?? null,
      every: millisOf(ledger.own<string | number>(["forge", "github", "every"], github.every, "5m")) ?? 300_000,
      workflows: ledger.own(["forge", "github", "workflows"], github.workflows, false),
      releases: ledger.own(["forge", "github", "releases"], github.releases, false),
      allowPrivate: github.allowPrivate ?? [],
    };
  }
  if (written?.git === undefined) return undefined;
  const { remote, every, workflows } = written.git;
  return {
    kind: "git",
    remote: ledger.own<string | null>(["forge", "git", "remote"], remote, null),
    every: millisOf(ledger.own<string | number>(["forge", "git", "every"], every, "1m")) ?? 60_000,
    workflows: ledger.own(["forge", "git", "workflows"], workflows, true),
  };
}

/** The rules report where neither is given, or both are. */
function loginOf({ app, token }: GitHubForge): ForgeLogin {
  return app === undefined
    ? { kind: "token", token: token ?? { secret: "GITHUB_TOKEN" } }
    : { kind: "app", app: app.id, installation: app.installation ?? null, key: app.key };
}
