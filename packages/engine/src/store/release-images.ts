import type { PushedImage, ReleaseId, ReleaseImages, ReleasePart } from "@fairway/core";
import { standingReleases } from "./standing-releases.ts";
import type { Sql } from "./store.ts";

type Parts = readonly Pick<ReleasePart, "image" | "artifact">[];

const imagesIn = (parts: Parts): readonly PushedImage[] =>
  parts.flatMap(({ image, artifact }) => (image === undefined ? [] : [{ image, digest: artifact }]));

/** The images of every release, newest first, without those that were taken out of their registry since. */
export async function releaseImages(sql: Sql): Promise<readonly ReleaseImages[]> {
  const [releases, removed] = await Promise.all([
    sql.rows<{ id: ReleaseId; parts: Parts }>(
      "select id, contents->'parts' as parts from fairway.releases order by number desc",
    ),
    sql.rows<PushedImage>("select image, digest from fairway.removed_images"),
  ]);
  const gone = new Set(removed.map(nameOf));
  return releases.map(({ id, parts }) => ({
    release: id,
    images: imagesIn(parts).filter((image) => !gone.has(nameOf(image))),
  }));
}

/** Releases that an environment runs, is moved to or from, or may go back to: as far as a rollback is offered. */
export async function neededReleases(sql: Sql): Promise<ReadonlySet<ReleaseId>> {
  const environments = await sql.rows<{ environment: string }>("select distinct environment from fairway.deployments");
  const standing = await Promise.all(environments.map(({ environment }) => standingReleases(sql, environment)));
  // Also what was carried through lately: a service may have gone back alone, and a rollback may be taken back.
  const lately = await sql.rows<{ release: ReleaseId; from: ReleaseId | null }>(
    `select release, from_release as "from" from (
       select release, from_release, outcome,
         row_number() over (partition by environment order by place desc nulls first) as back
       from fairway.deployments where outcome is null or outcome = 'deployed') as history
     where back <= 20 or outcome is null`,
  );
  return new Set([
    ...standing.flat().map(({ release }) => release),
    ...lately.flatMap(({ release, from }) => (from === null ? [release] : [release, from])),
  ]);
}

/** Images that runs which have not ended take over or have built: they are in no release yet. */
export async function imagesUnderway(sql: Sql): Promise<readonly PushedImage[]> {
  const found = await sql.rows<{ taken: Parts | null; built: ReleasePart | null }>(
    `select case when j.stage = 'release' then j.input->'takenOver' end as taken,
       case when j.stage = 'build' then j.result end as built
     from fairway.jobs j join fairway.runs r on r.id = j.run
     where r.kind = 'release' and r.ended_at is null and j.stage in ('release', 'build')`,
  );
  return found.flatMap(({ taken, built }) => [...imagesIn(taken ?? []), ...imagesIn(built === null ? [] : [built])]);
}

/** Whether a release is being made. */
export async function isReleasing(sql: Sql): Promise<boolean> {
  const found = await sql.rows("select 1 from fairway.runs where kind = 'release' and ended_at is null limit 1");
  return found.length > 0;
}

/** No release takes these over any more. May be repeated. */
export async function forgetBuilds(sql: Sql, images: readonly PushedImage[]): Promise<void> {
  await sql.rows("delete from fairway.builds where artifact = any($1)", [images.map(({ digest }) => digest)]);
}

/** Writes down that an image is not in its registry any more. May be repeated. */
export async function recordRemoved(sql: Sql, { image, digest }: PushedImage): Promise<void> {
  await sql.rows("insert into fairway.removed_images (image, digest) values ($1, $2) on conflict do nothing", [
    image,
    digest,
  ]);
}

/** An image that was pushed again is there again. */
export async function forgetRemoved(sql: Sql, images: readonly PushedImage[]): Promise<void> {
  await sql.rows(
    "delete from fairway.removed_images where (image, digest) in (select * from unnest($1::text[], $2::text[]))",
    [images.map(({ image }) => image), images.map(({ digest }) => digest)],
  );
}

const nameOf = ({ image, digest }: PushedImage): string => `${image}@${digest}`;
