import type { HostedBundle, NetlifyPlacement, Rollout } from "@fairway/core";
import { inParallel } from "@fairway/core";
import type { BundleFile } from "../hosted/bundle-files.ts";
import type { Json, PlatformApi } from "../hosted/platform-api.ts";
import { listOf, recordOf, textOf } from "../hosted/platform-api.ts";
import type { NetlifyFunction } from "./netlify-bundle.ts";
import { askedOf, netlifyBundle } from "./netlify-bundle.ts";

/** A deploy as Netlify tells it. */
export interface NetlifyDeploy {
  readonly id: string;
  readonly state: string;
  readonly error: string;
  /** Without what tells its variables. */
  readonly title: string;
  /** What tells the variables that it was made with from others; null where its title does not say. */
  readonly variables: string | null;
  readonly branch: string;
  /** Digests of files that it waits for. */
  readonly required: readonly string[];
  /** Digests of functions that it waits for. */
  readonly requiredFunctions: readonly string[];
  readonly isLocked: boolean;
  readonly createdAt: number;
}

/** How a site stands, in one look. */
export interface NetlifyLook {
  readonly siteId: string;
  /** Where the release is reached. */
  readonly url: string;
  /** What its address leads to; null for nothing. */
  readonly current: NetlifyDeploy | null;
  /** Newest first. */
  readonly deploys: readonly NetlifyDeploy[];
}

/** Nothing comes of it any more. */
export const isDead = (state: string): boolean => ["error", "rejected", "deleted", "cancelled"].includes(state);

/** Looks at a site and its newest deploys, or says why it cannot be what is meant. */
export async function lookAtNetlify(
  api: PlatformApi,
  { site, branch }: NetlifyPlacement,
): Promise<NetlifyLook | { readonly refused: string }> {
  const path = `/sites/${encodeURIComponent(site)}`;
  const answer = await api.call({ method: "GET", path });
  if (!answer.ok)
    return {
      refused:
        answer.refusal.status === 404
          ? `there is no site ${site} on Netlify that this token sees: check \`site\``
          : answer.refusal.sentence,
    };
  const body = recordOf(answer.body);
  const siteId = textOf(body["id"]) ?? site;
  const listed = await api.call({
    method: "GET",
    path: `/sites/${encodeURIComponent(siteId)}/deploys`,
    query: { per_page: "100" },
  });
  if (!listed.ok) return { refused: listed.refusal.sentence };
  const deploys = listOf(listed.body)
    .map((one) => deployIn(recordOf(one)))
    .toSorted((a, b) => b.createdAt - a.createdAt);
  const published = recordOf(body["published_deploy"]);
  const name = textOf(body["name"]) ?? site;
  return {
    siteId,
    deploys,
    url:
      branch === null
        ? (textOf(body["ssl_url"]) ?? textOf(body["url"]) ?? "")
        : `https://${branch}--${name}.netlify.app`,
    current:
      branch === null
        ? textOf(published["id"]) === undefined
          ? null
          : deployIn(published)
        : (deploys.find((deploy) => deploy.branch === branch && deploy.state === "ready") ?? null),
  };
}

/** One by its id; null when it is not there any more. */
export async function deployById(
  api: PlatformApi,
  siteId: string,
  id: string,
): Promise<NetlifyDeploy | null | { readonly refused: string }> {
  const answer = await api.call({
    method: "GET",
    path: `/sites/${encodeURIComponent(siteId)}/deploys/${encodeURIComponent(id)}`,
  });
  if (answer.ok) return deployIn(recordOf(answer.body));
  return answer.refusal.status === 404 ? null : { refused: answer.refusal.sentence };
}

/** How a title ends that says with which variables a deploy was made. */
const variablesEnd = / variables=(\w+)$/u;

const deployIn = (body: Json): NetlifyDeploy => ({
  id: textOf(body["id"]) ?? "",
  state: textOf(body["state"]) ?? "",
  error: textOf(body["error_message"]) ?? "",
  title: (textOf(body["title"]) ?? "").replace(variablesEnd, ""),
  variables: variablesEnd.exec(textOf(body["title"]) ?? "")?.[1] ?? null,
  branch: textOf(body["branch"]) ?? "",
  required: listOf(body["required"]).flatMap((sha) => textOf(sha) ?? []),
  requiredFunctions: listOf(body["required_functions"]).flatMap((sha) => textOf(sha) ?? []),
  isLocked: body["locked"] === true,
  createdAt: Date.parse(textOf(body["created_at"]) ?? "") || 0,
});

/** What a deploy is found again by: of which service, which release, and which rollout. */
export const titleOf = ({
  environment,
  service,
  to,
  id,
}: Pick<Rollout, "environment" | "service" | "to" | "id">): string =>
  `${prefixOf({ environment, service })}${to} ${id}`;

/** How the title of every deploy of a service begins. */
export const prefixOf = ({ environment, service }: Pick<Rollout, "environment" | "service">): string =>
  `fairway ${environment}/${service} `;

/** The release that a deploy is of; null for one that Fairway did not make. */
export const releaseIn = ({ title }: NetlifyDeploy): string | null => /^fairway \S+ (\S+) /u.exec(title)?.[1] ?? null;

/** What a release gives Netlify: a folder, and what its functions find in their environment. */
export type NetlifyGift = Omit<HostedBundle, "sha">;

/**
 * Asks for a deploy by the digests of its files and functions. Netlify says which of them it has not. Not safe to repeat: look
 * first.
 */
export async function makeDeploy(
  api: PlatformApi,
  siteId: string,
  { branch }: NetlifyPlacement,
  title: string,
  { directory, env, variables }: NetlifyGift,
): Promise<{ readonly id: string } | { readonly refused: string }> {
  const bundle = await netlifyBundle(directory);
  if ("refused" in bundle) return bundle;
  const { files, functions } = bundle;
  const answer = await api.call({
    method: "POST",
    path: `/sites/${encodeURIComponent(siteId)}/deploys`,
    query: { title: `${title} variables=${variables}` },
    json: {
      files: Object.fromEntries(files.map(({ path, sha }) => [`/${path}`, sha])),
      ...askedOf(functions, env),
      draft: false,
      ...(branch === null ? {} : { branch }),
    },
  });
  if (!answer.ok) return { refused: answer.refusal.sentence };
  const id = textOf(recordOf(answer.body)["id"]);
  return id === undefined ? { refused: "Netlify made a deploy and did not say which" } : { id };
}

/** Sends the files and functions that a deploy waits for. Safe to repeat. Null when all were taken. */
export async function uploadRequired(
  api: PlatformApi,
  { id, required, requiredFunctions }: Pick<NetlifyDeploy, "id" | "required" | "requiredFunctions">,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const bundle = await netlifyBundle(directory);
  if ("refused" in bundle) return bundle.refused;
  const at = `/deploys/${encodeURIComponent(id)}`;
  const put = async (
    what: string,
    path: string,
    source: Pick<BundleFile, "read">,
    query: Readonly<Record<string, string | null>> = {},
  ): Promise<string | null> => {
    signal?.throwIfAborted();
    const headers = { "content-type": "application/octet-stream" };
    const answer = await api.call({ method: "PUT", path: `${at}/${path}`, query, bytes: await source.read(), headers });
    return answer.ok ? null : `${what} was not taken: ${answer.refusal.sentence}`;
  };
  const files = bundle.files.filter(({ sha }) => required.includes(sha));
  const functions = bundle.functions.filter(({ sha }) => requiredFunctions.includes(sha));
  const refusals = [
    ...(await inParallel(files, (file: BundleFile) =>
      put(file.path, `files/${file.path.split("/").map(encodeURIComponent).join("/")}`, file),
    )),
    ...(await inParallel(functions, (one: NetlifyFunction) =>
      put(`function ${one.name}`, `functions/${encodeURIComponent(one.name)}`, one, {
        runtime: one.runtime,
        size: String(one.size),
        invocation_mode: textOf(one.told["invocationMode"]) ?? null,
        timeout: typeof one.told["timeout"] === "number" ? String(one.told["timeout"]) : null,
      }),
    )),
  ];
  return refusals.find((refusal) => refusal !== null) ?? null;
}
