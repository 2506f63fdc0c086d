import type { Digest, ReleaseId, Sha } from "../ids.ts";
import type { SchemaRange } from "../migration/migration-set.ts";
import type { Project } from "../project/project.ts";
import type { Timestamp } from "../units.ts";
import type { ReleaseManifest } from "./manifest.ts";

/** One commit, and what people know it by. */
export interface Revision {
  readonly sha: Sha;
  /** As `git rev-parse --short` gives it. */
  readonly short: string;
  readonly subject: string;
  readonly author: string;
  readonly committedAt: Timestamp;
  /** The branch or tag it was asked for by, when it was. */
  readonly ref: string | null;
  /** Set where that was a tag. */
  readonly isTag?: true | undefined;
}

/** What one service contributes to a release. */
export interface ReleasePart {
  readonly service: string;
  /** Of the artifact's files: names, modes and bytes. */
  readonly artifact: Digest;
  /** Of what it was built from, so that an unchanged service is not built again. */
  readonly inputs: Digest;
  /** The release it was first built in, when it was taken over. */
  readonly takenFrom: ReleaseId | null;
  /** Where the image is kept, without tag and digest, when the artifact is one: the digest is then that of its manifest. */
  readonly image?: string | undefined;
  /** Under which the image was pushed to its registry; it may name another since, and the digest is what runs. */
  readonly tag?: string | undefined;
  /** Of the list of what the artifact is made of; absent where nothing says so, and in releases from before there was one. */
  readonly sbom?: Digest | undefined;
  /** What it brings to its database; absent where the service has no migrations. */
  readonly migrations?: PartMigrations | undefined;
}

/** The migrations that a service brings, and the schemas that its programs run on. */
export interface PartMigrations extends SchemaRange {
  /** Of all of them, with their SQL. */
  readonly digest: Digest;
  readonly count: number;
}

/** Why a service of the project is not in a release. */
export interface LeftOut {
  readonly service: string;
  readonly reason: string;
}

/** One revision with the artifacts built from it. It never changes, and it is what is promoted. */
export interface Release {
  readonly id: ReleaseId;
  readonly digest: Digest;
  readonly revision: Revision;
  readonly project: Project;
  readonly parts: readonly ReleasePart[];
  readonly leftOut: readonly LeftOut[];
  readonly createdAt: Timestamp;
  /** Absent in releases from before there was one; their digest is taken over {@link releaseContents}. */
  readonly manifest?: ReleaseManifest | undefined;
}

/**
 * What the digest of a release without a manifest is taken over: everything that decides what runs, and nothing that does not.
 */
export const releaseContents = (
  release: Pick<Release, "revision" | "project" | "parts">,
): { readonly sha: Sha; readonly project: Project; readonly artifacts: Readonly<Record<string, Digest>> } => ({
  sha: release.revision.sha,
  project: release.project,
  artifacts: Object.fromEntries(release.parts.map((part) => [part.service, part.artifact])),
});
