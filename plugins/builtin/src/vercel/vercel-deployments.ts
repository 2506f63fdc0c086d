import type { HostedBundle, Rollout, VercelPlacement } from "@fairway/core";
import { inParallel } from "@fairway/core";
import type { BundleFile } from "../hosted/bundle-files.ts";
import type { Json, PlatformApi } from "../hosted/platform-api.ts";
import { listOf, numberOf, recordOf, textOf } from "../hosted/platform-api.ts";
import { vercelOutput } from "./vercel-output.ts";

/** A deployment as Vercel tells it. It never changes what it is made of. */
export interface VercelDeployment {
  readonly id: string;
  readonly url: string;
  readonly state: "QUEUED" | "INITIALIZING" | "BUILDING" | "READY" | "ERROR" | "CANCELED" | "BLOCKED";
  /** What went wrong with it; empty for nothing. */
  readonly error: string;
  readonly meta: Readonly<Record<string, string>>;
  /** What integrations say of it: still running, or how they ended; null where there are none. */
  readonly checks: string | null;
  readonly createdAt: number;
}

/** A deployment that was made, or why none could be. */
export type Made = { readonly id: string } | { readonly refused: string };

/** What of a rollout its deployments are found by. */
type Marked = Pick<Rollout, "environment" | "service" | "to">;

/** What marks a deployment as one of a release's; they are how it is found again. */
const marksOf = ({ environment, service, to }: Marked): Readonly<Record<string, string>> => ({
  fairwayEnvironment: environment,
  fairwayService: service,
  fairwayRelease: to,
});

/**
 * The deployments of a release that are there, newest first. Vercel is asked by their marks, and what it answers is looked at
 * again: an API that does not know the question answers with everybody's.
 */
export async function deploymentsOf(
  api: PlatformApi,
  /** Its id: asked by its name, Vercel answers with none. */
  projectId: string,
  rollout: Marked,
): Promise<readonly VercelDeployment[] | { readonly refused: string }> {
  const marks = Object.entries(marksOf(rollout));
  const answer = await api.call({
    method: "GET",
    path: "/v6/deployments",
    query: {
      projectId,
      limit: "100",
      ...Object.fromEntries(marks.map(([key, value]) => [`meta-${key}`, value])),
    },
  });
  // Whoever may not see what is there must not make more of it.
  if (!answer.ok) return { refused: answer.refusal.sentence };
  return listOf(recordOf(answer.body)["deployments"])
    .map((one) => deploymentIn(recordOf(one)))
    .filter(({ meta }) => marks.every(([key, value]) => meta[key] === value))
    .toSorted((a, b) => b.createdAt - a.createdAt);
}

/** One by its id; null when it is not there any more. */
export async function deploymentById(
  api: PlatformApi,
  id: string,
): Promise<VercelDeployment | null | { readonly refused: string }> {
  const answer = await api.call({ method: "GET", path: `/v13/deployments/${encodeURIComponent(id)}` });
  if (answer.ok) return deploymentIn(recordOf(answer.body));
  return answer.refusal.status === 404 ? null : { refused: answer.refusal.sentence };
}

function deploymentIn(body: Json): VercelDeployment {
  const state = textOf(body["readyState"]) ?? textOf(body["state"]) ?? "QUEUED";
  const running = textOf(body["checksState"]);
  const meta = Object.entries(recordOf(body["meta"])).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    id: textOf(body["id"]) ?? textOf(body["uid"]) ?? "",
    url: textOf(body["url"]) ?? "",
    state: state as VercelDeployment["state"],
    error: [textOf(body["errorCode"]), textOf(body["errorMessage"])].filter((part) => part !== undefined).join(": "),
    meta: Object.fromEntries(meta),
    checks: textOf(body["checksConclusion"]) ?? (running === undefined || running === "completed" ? null : running),
    createdAt: numberOf(body["createdAt"]) ?? numberOf(body["created"]) ?? 0,
  };
}

/**
 * Makes the deployment of a release out of its `.vercel/output`: asks for it, uploads the files that Vercel says it has not,
 * and asks again. Its domains stay where they are. The same files asked for twice are one deployment to Vercel unless
 * it is told to make one anew; who calls looks for it first all the same.
 */
export async function makeDeployment(
  api: PlatformApi,
  { project, target }: Pick<VercelPlacement, "project" | "target">,
  rollout: Rollout,
  bundle: HostedBundle,
  { isAnew = false, signal }: { readonly isAnew?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<Made> {
  const output = await vercelOutput(bundle.directory);
  if ("refused" in output) return { refused: `release ${rollout.to} ${output.refused}` };
  const { files, builtFor } = output;
  // The values of a preview, built into pages, would be production's. What was built for production may be tried in a preview.
  if (target === "production" && builtFor !== null && builtFor !== "production")
    return {
      refused: `release ${rollout.to} was built with the variables of ${builtFor}, and goes to production: build it with \`vercel build --prod\``,
    };
  const paths = new Map(files.map((file) => [file.sha, file]));
  const ask = () =>
    api.call({
      method: "POST",
      path: "/v13/deployments",
      query: { prebuilt: "1", skipAutoDetectionConfirmation: "1", forceNew: isAnew ? "1" : null },
      json: {
        // As Vercel's own program has it: what is built already is no source in some folder of a repository.
        version: 2,
        projectSettings: { sourceFilesOutsideRootDirectory: false, rootDirectory: null },
        name: project,
        project,
        ...(target === "production" ? { target: "production", autoAssignCustomDomains: false } : {}),
        files: files.map(({ path, sha, size, mode }) => ({ file: path, sha, size, mode })),
        meta: {
          ...marksOf(rollout),
          fairwayRollout: rollout.id,
          fairwayVariables: bundle.variables,
          GIT_SHA: bundle.sha,
          githubCommitSha: bundle.sha,
        },
        env: bundle.env,
      },
    });
  // More than twice would mean that what was uploaded does not stay.
  for (let time = 0; time < 3; time++) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer.ok) {
      const id = textOf(recordOf(answer.body)["id"]) ?? textOf(recordOf(answer.body)["uid"]);
      return id === undefined ? { refused: "Vercel made a deployment and did not say which" } : { id };
    }
    const { code, body, sentence } = answer.refusal;
    if (code !== "missing_files") return { refused: sentence };
    const missing = listOf(recordOf(body["error"])["missing"]).flatMap((sha) => paths.get(String(sha)) ?? []);
    const refused = await upload(api, missing, signal);
    if (refused !== null) return { refused };
  }
  return { refused: "Vercel says again and again that it has not the files that it was sent" };
}

async function upload(
  api: PlatformApi,
  files: readonly BundleFile[],
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const refusals = await inParallel(files, async (file) => {
    signal?.throwIfAborted();
    const answer = await api.call({
      method: "POST",
      path: "/v2/files",
      bytes: await file.read(),
      headers: {
        "content-type": "application/octet-stream",
        "x-vercel-digest": file.sha,
        "x-now-digest": file.sha,
        "x-now-size": String(file.size),
      },
    });
    return answer.ok ? null : `${file.path} was not taken: ${answer.refusal.sentence}`;
  });
  return refusals.find((refusal) => refusal !== null) ?? null;
}

/** The last lines of what a deployment's build said; empty where Vercel has none. */
export async function buildLog(api: PlatformApi, id: string): Promise<readonly string[]> {
  const answer = await api.call({
    method: "GET",
    path: `/v3/deployments/${encodeURIComponent(id)}/events`,
    query: { builds: "1", limit: "100", direction: "backward" },
  });
  if (!answer.ok) return [];
  return listOf(answer.body)
    .flatMap((event) => textOf(recordOf(event)["text"]) ?? textOf(recordOf(recordOf(event)["payload"])["text"]) ?? [])
    .slice(0, 10)
    .toReversed();
}

/** Which checks of integrations said no to a deployment, a line each. */
export async function failedChecks(api: PlatformApi, id: string): Promise<readonly string[]> {
  const answer = await api.call({ method: "GET", path: `/v1/deployments/${encodeURIComponent(id)}/checks` });
  if (!answer.ok) return [];
  return listOf(recordOf(answer.body)["checks"])
    .map(recordOf)
    .filter(({ conclusion }) => conclusion === "failed" || conclusion === "canceled")
    .map(({ name, detailsUrl }) => [textOf(name) ?? "a check", textOf(detailsUrl)].filter(Boolean).join(": "));
}
