import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** One request that was made. */
export interface GitHubRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage["headers"];
}

/** What it answers next, in the place of its own answer; `lost`: it does what was asked, and nobody hears the answer. */
export interface GitHubFault {
  readonly status: number | "lost";
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * GitHub's REST interface for statuses, deployments, check runs, comments, releases and pull requests, kept in memory. It holds
 * requests to what GitHub's own description asks of them, and can be told to fail.
 */
export interface MemoryGitHub {
  readonly url: string;
  readonly requests: readonly GitHubRequest[];
  /** By kind: `deployments`, `statuses`, `check-runs`, `comments`, `releases`. */
  readonly made: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  pulls: readonly object[];
  failNext(...faults: readonly GitHubFault[]): void;
  close(): Promise<void>;
}

type Kept = Record<string, unknown>;

/** What the body of a request must have, as GitHub's description says it. */
const required: Readonly<Record<string, readonly string[]>> = {
  deployments: ["ref"],
  "deployment-statuses": ["state"],
  statuses: ["state"],
  "check-runs": ["name", "head_sha"],
  comments: ["body"],
  releases: ["tag_name"],
};
const words: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  statuses: { state: ["error", "failure", "pending", "success"] },
  "deployment-statuses": { state: ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"] },
  "check-runs": {
    status: ["queued", "in_progress", "completed"],
    conclusion: ["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"],
  },
};

/** Opens it at a free port of this machine. */
export async function memoryGitHub(token: string): Promise<MemoryGitHub> {
  const requests: GitHubRequest[] = [];
  const made: Record<string, Kept[]> = { deployments: [], statuses: [], "check-runs": [], comments: [], releases: [] };
  const faults: GitHubFault[] = [];
  let last = 100;
  const self = { pulls: [] as readonly object[] };

  const create = (kind: string, body: Kept, over: Kept = {}): Kept => {
    const kept = { ...body, ...over, id: (last += 1) };
    (made[kind] ??= []).push(kept);
    return kept;
  };

  function answer({ method, path, body }: GitHubRequest): readonly [number, unknown] {
    const [at = "", query = ""] = path.split("?");
    const asked = new URLSearchParams(query);
    const within = /^\/repos\/[^/]+\/[^/]+\/(.*)$/u.exec(at)?.[1] ?? "";
    const [kind = "", one = "", below = ""] = within.split("/");
    const bad = (of: string): string | null => problemOf(of, body, method);
    const find = (of: string, id: string): Kept | undefined => made[of]?.find((kept) => String(kept["id"]) === id);
    if (method === "POST" && kind === "statuses")
      return bad("statuses") ? invalid(bad("statuses")) : [201, create("statuses", body, { sha: one })];
    if (kind === "deployments" && below === "statuses") {
      const deployment = find("deployments", one);
      if (deployment === undefined) return [404, { message: "Not Found" }];
      if (bad("deployment-statuses")) return invalid(bad("deployment-statuses"));
      deployment["statuses"] = [...((deployment["statuses"] as unknown[] | undefined) ?? []), body];
      return [201, { id: (last += 1), ...body }];
    }
    if (kind === "deployments" && method === "POST")
      return bad("deployments")
        ? invalid(bad("deployments"))
        : [201, create("deployments", body, { sha: body["ref"] })];
    if (kind === "deployments")
      return [
        200,
        (made["deployments"] ?? []).filter(
          (kept) => kept["sha"] === asked.get("sha") && kept["environment"] === asked.get("environment"),
        ),
      ];
    if (kind === "check-runs" && method === "POST") {
      if (bad("check-runs")) return invalid(bad("check-runs"));
      return [201, outputAdded(create("check-runs", { ...body, output: undefined }), body)];
    }
    if (kind === "check-runs") {
      const run = find("check-runs", one);
      if (run === undefined) return [404, { message: "Not Found" }];
      if (method !== "PATCH") return [200, run];
      if (bad("check-runs")) return invalid(bad("check-runs"));
      return [200, outputAdded(Object.assign(run, { ...body, output: run["output"] }), body)];
    }
    if (kind === "commits" && below === "check-runs")
      return [
        200,
        {
          check_runs: (made["check-runs"] ?? []).filter(
            (kept) => kept["head_sha"] === one && kept["name"] === asked.get("check_name"),
          ),
        },
      ];
    if (kind === "issues" && one === "comments") {
      const comment = find("comments", below);
      if (comment === undefined) return [404, { message: "Not Found" }];
      return [200, Object.assign(comment, body)];
    }
    if (kind === "issues" && method === "POST")
      return bad("comments") ? invalid(bad("comments")) : [201, create("comments", body, { issue: one })];
    if (kind === "issues") return [200, (made["comments"] ?? []).filter((kept) => kept["issue"] === one)];
    if (kind === "releases" && one === "tags") {
      const release = (made["releases"] ?? []).find((kept) => kept["tag_name"] === decodeURIComponent(below));
      return release === undefined ? [404, { message: "Not Found" }] : [200, release];
    }
    if (kind === "releases" && method === "POST")
      return bad("releases") ? invalid(bad("releases")) : [201, create("releases", body)];
    if (kind === "releases") return [200, Object.assign(find("releases", one) ?? {}, body)];
    if (kind === "pulls") return [200, self.pulls];
    return [404, { message: "Not Found" }];
  }

  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const asked = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: body === "" ? {} : (JSON.parse(body) as Kept),
      };
      requests.push(asked);
      const fault = faults.shift();
      const ofApp = answerToApp(asked, token);
      if (ofApp !== null)
        return response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(ofApp));
      if (request.headers.authorization !== `Bearer ${token}`)
        return response.writeHead(401).end('{"message":"Bad credentials"}');
      if (fault !== undefined && fault.status !== "lost")
        return response.writeHead(fault.status, fault.headers).end("{}");
      const [status, answered] = answer(asked);
      if (fault !== undefined) return response.destroy();
      const tag = `"${JSON.stringify(answered).length}-${last}"`;
      if (request.method === "GET" && request.headers["if-none-match"] === tag) return response.writeHead(304).end();
      return response
        .writeHead(status, { "content-type": "application/json", etag: tag })
        .end(JSON.stringify(answered));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    made,
    get pulls() {
      return self.pulls;
    },
    set pulls(pulls) {
      self.pulls = pulls;
    },
    failNext: (...next) => void faults.push(...next),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** An App shows a JWT of its own and gets the token of its installation. */
function answerToApp({ path, headers }: GitHubRequest, token: string): object | null {
  if (!/^bearer [\w-]+\.[\w-]+\.[\w-]+$/u.test(headers.authorization ?? "")) return null;
  if (/^\/repos\/[^/]+\/[^/]+\/installation$/u.test(path)) return { id: 9 };
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  return path === "/app/installations/9/access_tokens"
    ? { token, expires_at: expires, permissions: {}, repository_selection: "all" }
    : null;
}

const invalid = (why: string | null): readonly [number, unknown] => [422, { message: why }];

function problemOf(kind: string, body: Kept, method: string): string | null {
  const missing = method === "POST" ? required[kind]?.find((key) => body[key] === undefined) : undefined;
  if (missing !== undefined) return `${missing} is missing`;
  for (const [key, known] of Object.entries(words[kind] ?? {}))
    if (body[key] !== undefined && !known.some((word) => word === body[key]))
      return `${key} is none of ${known.join(", ")}`;
  const output = body["output"] as { readonly annotations?: readonly object[] } | undefined;
  if ((output?.annotations?.length ?? 0) > 50) return "at most 50 annotations in one request";
  if (typeof body["description"] === "string" && body["description"].length > 140) return "description is too long";
  return kind === "check-runs" && (body["status"] === "completed") !== (body["conclusion"] !== undefined)
    ? "a completed run has a conclusion"
    : null;
}

/** Annotations of each request are added to those that are there. */
function outputAdded(run: Kept, body: Kept): Kept {
  const output = body["output"] as { readonly annotations?: readonly object[] } | undefined;
  const annotations = [...((run["annotations"] as object[] | undefined) ?? []), ...(output?.annotations ?? [])];
  return Object.assign(run, {
    annotations,
    output: { ...output, annotations: undefined, annotations_count: annotations.length },
  });
}
