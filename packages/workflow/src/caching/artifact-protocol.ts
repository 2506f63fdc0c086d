import { FairwayError } from "@fairway/core";
import type { CacheEntry, CacheName } from "./cache-entry.ts";
import { answer, type Exchange, jsonBody, signedAddress } from "./exchange.ts";

const service = "/twirp/github.actions.results.api.v1.ArtifactService/";

/**
 * The artifact service of GitHub Actions, fourth version, as `@actions/artifact` speaks it. Artifacts are a run's own:
 * other runs neither see nor replace them. Returns false for an address that is not of this protocol.
 */
export async function speakArtifacts(exchange: Exchange): Promise<boolean> {
  const { request, response, url } = exchange;
  if (request.method !== "POST" || !url.pathname.startsWith(service)) return false;
  const call = calls[url.pathname.slice(service.length)];
  if (call === undefined) return false;
  const body = await jsonBody(request);
  const run = fieldOf(body, "workflow_run_backend_id", "workflowRunBackendId");
  if (run !== exchange.grant.run)
    throw new FairwayError("not_allowed_now", `this job is of the run ${exchange.grant.run} and not of ${String(run)}`);
  answer(response, await call(exchange, body));
  return true;
}

type Body = Readonly<Record<string, unknown>>;

const calls: Readonly<Record<string, (exchange: Exchange, body: Body) => Promise<object>>> = {
  CreateArtifact: async (exchange, body) => {
    const { store, uploads, grant } = exchange;
    const name = nameOf(exchange, body);
    if (store.find(name) !== undefined)
      throw new FairwayError("locked", `an artifact with the name ${name.key} already exists on the workflow run`);
    const mime = fieldOf(body, "mime_type", "mimeType");
    const facts = { job: grant.job, type: String(wrapped(mime) ?? "application/zip") };
    return { ok: true, signed_upload_url: signedAddress(exchange, "upload", await uploads.reserve({ name, facts })) };
  },

  FinalizeArtifact: async (exchange, body) => {
    const { store, uploads } = exchange;
    const name = nameOf(exchange, body);
    const uploaded = await uploads.uploaded(name);
    const { blob } = uploaded ?? {};
    const digest = wrapped(body["hash"]);
    if (uploaded === undefined || blob === undefined || Number(body["size"]) !== blob.size) return { ok: false };
    if (digest !== undefined && digest !== `sha256:${blob.digest}`) return { ok: false };
    const { number } = await store.add(name, blob, uploaded.reservation.facts);
    await uploads.give(uploaded.id);
    return { ok: true, artifact_id: String(number) };
  },

  ListArtifacts: async ({ store, grant }, body) => {
    const name = wrapped(fieldOf(body, "name_filter", "nameFilter"));
    const id = wrapped(fieldOf(body, "id_filter", "idFilter"));
    const found = [...store.all()].filter(
      (entry) =>
        entry.kind === "artifact" &&
        entry.scope === grant.run &&
        (name === undefined || entry.key === name) &&
        (id === undefined || String(entry.number) === id),
    );
    return { artifacts: found.map(shown) };
  },

  GetSignedArtifactURL: async (exchange, body) => {
    const entry = exchange.store.find(nameOf(exchange, body));
    if (entry === undefined) throw new FairwayError("not_found", "there is no such artifact");
    const id = JSON.stringify([entry.kind, entry.scope, entry.key, entry.version]);
    return { name: entry.key, signed_url: signedAddress(exchange, "download", id) };
  },

  DeleteArtifact: async (exchange, body) => {
    const { store } = exchange;
    const entry = store.find(nameOf(exchange, body));
    if (entry === undefined) throw new FairwayError("not_found", "there is no such artifact");
    await store.remove(entry);
    return { ok: true, artifact_id: String(entry.number) };
  },
};

const shown = (entry: CacheEntry): object => ({
  workflow_run_backend_id: entry.scope,
  workflow_job_run_backend_id: entry.facts["job"] ?? "",
  database_id: String(entry.number),
  name: entry.key,
  size: String(entry.size),
  created_at: new Date(entry.createdAt).toISOString(),
  digest: `sha256:${entry.digest}`,
});

function nameOf({ grant }: Exchange, { name }: Body): CacheName {
  if (typeof name !== "string" || name === "" || name.length > 512)
    throw new FairwayError("bad_request", "an artifact's name has 1 to 512 characters");
  return { kind: "artifact", scope: grant.run, key: name, version: "" };
}

const fieldOf = (body: Body, ...names: readonly string[]): unknown => names.map((name) => body[name]).find(Boolean);

/** Optional values of Twirp come bare or as an object with a `value`. */
function wrapped(field: unknown): string | undefined {
  const value = typeof field === "object" && field !== null ? (field as { value?: unknown }).value : field;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
