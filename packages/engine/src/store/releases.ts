import type { Digest, Release, ReleaseId, RunId } from "@fairway/core";
import { FairwayError, isUntrusted, previewNameOf, releaseId } from "@fairway/core";
import type { Reusable } from "../stages/release-run.ts";
import type { Envelope } from "../provenance/envelope.ts";
import type { NewRelease, Releases, SignedRelease } from "../stages/releases.ts";
import { recordChange } from "./audit.ts";
import { greenChecks } from "./green-checks.ts";
import { forgetRemoved } from "./release-images.ts";
import type { Sql, Store } from "./store.ts";
import { json } from "./store.ts";

interface ReleaseRow {
  number: number;
  contents: NewRelease;
  created_at: Date;
}

const releaseOf = ({ number, contents, created_at }: ReleaseRow): Release => ({
  ...contents,
  id: releaseId(number),
  createdAt: created_at.toISOString(),
});

/** The releases of this database. */
export const releasesIn = (store: Store): Releases => ({
  keep: (run, signed) => keepRelease(store, run, signed),
  byId: (id) => releaseById(store, id),
  builtFrom: (inputs) => builtFrom(store, inputs),
  greenChecks: (inputs) => greenChecks(store, inputs),
});

/** Gives a release the next number, without gaps, and keeps it for good. May be repeated: one run makes one release. */
async function keepRelease(store: Store, run: RunId, { release, envelope, keyless }: SignedRelease): Promise<Release> {
  return store.transaction(async (tx) => {
    await tx.rows("select pg_advisory_xact_lock(hashtext('fairway.releases'))");
    const [known] = await tx.rows<ReleaseRow>(
      "select number, contents, created_at from fairway.releases where run = $1",
      [run],
    );
    if (known) return releaseOf(known);
    const [row] = await tx.rows<ReleaseRow>(
      `insert into fairway.releases (number, run, digest, sha, contents, envelope, keyless_proof, preview)
       select coalesce(max(number), 0) + 1, $1, $2, $3, $4, $5, $6, $7 from fairway.releases
       returning number, contents, created_at`,
      [
        run,
        release.digest,
        release.revision.sha,
        json(release),
        json(envelope),
        keyless === undefined ? null : json(keyless),
        previewNameOf(release.project),
      ],
    );
    if (row === undefined) throw new TypeError("an insert answers with its row");
    // What somebody built who may not push here is nobody else's to take over.
    const fresh = isUntrusted(release.project) ? [] : release.parts.filter((part) => part.takenFrom === null);
    await tx.rows(
      `insert into fairway.builds (service, inputs, artifact, built_in)
       select b.service, b.inputs, b.artifact, $2 from json_to_recordset($1) as b(service text, inputs text, artifact text)
       on conflict (service, inputs) do update set artifact = excluded.artifact, built_in = excluded.built_in`,
      [JSON.stringify(fresh), row.number],
    );
    await forgetRemoved(
      tx,
      fresh.flatMap(({ image, artifact: digest }) => (image === undefined ? [] : [{ image, digest }])),
    );
    const kept = releaseOf(row);
    const made = { run, sha: kept.revision.sha, digest: kept.digest };
    tx.emit({ kind: "release.created", subject: kept.id, body: made });
    recordChange(tx, "release.made", { subject: kept.id, environment: null, detail: made });
    return kept;
  });
}

/** Throws `not_found`. */
export async function releaseById(sql: Sql, id: ReleaseId): Promise<Release> {
  const [row] = await sql.rows<ReleaseRow>("select number, contents, created_at from fairway.releases where id = $1", [
    id,
  ]);
  if (row === undefined) throw unknownRelease(id);
  return releaseOf(row);
}

const unknownRelease = (id: ReleaseId): FairwayError =>
  new FairwayError("not_found", `there is no release "${id}"`, { hint: "`fairway releases` lists them" });

/** Which releases to list. */
export interface ReleaseFilter {
  readonly sha?: string | undefined;
  /** Only releases with a smaller number: the next page. */
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
  /** Without those that were made for a preview, which go nowhere else. */
  readonly forEnvironments?: true;
}

/** Releases, newest first. */
export async function listReleases(sql: Sql, filter: ReleaseFilter = {}): Promise<readonly Release[]> {
  const found = await sql.rows<ReleaseRow>(
    `select number, contents, created_at from fairway.releases
     where ($1::text is null or sha = $1) and ($2::integer is null or number < $2) and (not $4 or preview is null)
     order by number desc limit $3`,
    [filter.sha ?? null, filter.before ?? null, filter.limit ?? 50, filter.forEnvironments === true],
  );
  return found.map(releaseOf);
}

/** The signed statement of how a release came to be; null for one from before there were any. Throws `not_found`. */
export async function envelopeOf(sql: Sql, id: ReleaseId): Promise<Envelope | null> {
  const [row] = await sql.rows<{ envelope: Envelope | null }>("select envelope from fairway.releases where id = $1", [
    id,
  ]);
  if (row === undefined) throw unknownRelease(id);
  return row.envelope;
}

/**
 * Artifacts that were built from these inputs before, by service. What else is known of them stands in the release that
 * built them; it is read here and not by the database, whose JSON functions refuse \u0000 anywhere in a document.
 */
async function builtFrom(sql: Sql, inputs: ReadonlyMap<string, Digest>): Promise<ReadonlyMap<string, Reusable>> {
  const found = await sql.rows<{ service: string; artifact: Digest; built_in: number; contents: NewRelease }>(
    `select b.service, b.artifact, b.built_in, r.contents from fairway.builds b
     join json_to_recordset($1) as w(service text, inputs text) on w.service = b.service and w.inputs = b.inputs
     join fairway.releases r on r.number = b.built_in`,
    [JSON.stringify([...inputs].map(([service, digest]) => ({ service, inputs: digest })))],
  );
  return new Map(
    found.map(({ service, artifact, built_in, contents }) => {
      const { image, tag, sbom, migrations } = contents.parts.find((part) => part.service === service) ?? {};
      return [
        service,
        {
          artifact,
          ...(image && { image }),
          ...(tag && { tag }),
          ...(sbom && { sbom }),
          ...(migrations && { migrations }),
          builtIn: releaseId(built_in),
        },
      ];
    }),
  );
}

/** The artifacts of the newest releases, and of every release that an environment runs or would go back to. */
export async function artifactsInUse(sql: Sql, newest: number): Promise<readonly Digest[]> {
  const found = await sql.rows<{ artifact: Digest }>(
    `with kept as (
       (select id from fairway.releases order by number desc limit $1)
       union
       (select release from (
          select release, row_number() over (partition by environment order by place desc) as back
          from fairway.deployments where outcome = 'deployed') as history
        where back <= $1))
     select distinct part->>'artifact' as artifact
     from fairway.releases r join kept on kept.id = r.id, json_array_elements(r.contents->'parts') as part`,
    [newest],
  );
  return found.map(({ artifact }) => artifact);
}
