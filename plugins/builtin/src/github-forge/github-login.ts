import type { ForgeLogin } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { createAppAuth } from "@octokit/auth-app";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";

export interface GitHubLoginOptions {
  readonly login: ForgeLogin;
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly outgoing: GuardedFetch;
  /** The value of a secret. Throws `secret_missing`. */
  readonly secret: (name: string) => Promise<string>;
}

/**
 * A token that requests are made with: the one that was given, or one of the App's installation, made anew before it ends.
 * The library makes the App's own short-lived proof (a JWT) and remembers tokens; what it asks goes by our guarded way.
 */
export function githubLogin({ login, api, repository, outgoing, secret }: GitHubLoginOptions): () => Promise<string> {
  if (login.kind === "token") return () => secret(login.token.secret);
  let opened: { readonly key: string; readonly auth: ReturnType<typeof createAppAuth> } | null = null;
  let installation = login.installation;
  return async () => {
    // Loaded with the first question: a daemon that starts asks none.
    const [app, { request }] = await Promise.all([import("@octokit/auth-app"), import("@octokit/request")]);
    const asking = request.defaults({ baseUrl: api, request: { fetch: fetchBy(outgoing) } });
    const key = await secret(login.key.secret);
    if (opened?.key !== key)
      opened = { key, auth: app.createAppAuth({ appId: login.app, privateKey: key, request: asking }) };
    const { auth } = opened;
    try {
      if (installation === null) {
        const { token } = await auth({ type: "app" });
        const found = await asking("GET /repos/{owner}/{repo}/installation", {
          ...ownerOf(repository),
          headers: { authorization: `bearer ${token}` },
        });
        installation = (found.data as { readonly id: number }).id;
      }
      return (await auth({ type: "installation", installationId: installation })).token;
    } catch (thrown) {
      throw new FairwayError(
        "target_unreachable",
        `GitHub gives the App no token: ${messageOf(thrown).slice(0, 300)}`,
        {
          hint: "see that the App is installed at the repository, and that its key is whole",
          retryable: true,
          cause: thrown,
        },
      );
    }
  };
}

const ownerOf = (repository: string): { readonly owner: string; readonly repo: string } => {
  const [owner = "", repo = ""] = repository.split("/");
  return { owner, repo };
};

/** As the library asks; only what it uses of an answer is there. */
const fetchBy =
  (outgoing: GuardedFetch) =>
  async (url: string, { method = "GET", headers = {}, body }: FetchOptions): Promise<Response> => {
    const answer = await outgoing.ask({ method, url, headers, ...(body === undefined ? {} : { body }) });
    const kept = Object.entries(answer.headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return new Response(answer.status === 204 || answer.status === 304 ? null : answer.body, {
      status: answer.status,
      headers: kept,
    });
  };

interface FetchOptions {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
