import { sameJson } from "../flags/flag-diff.ts";
import type { Digest, Sha } from "../ids.ts";
import type { Project, Value } from "../project/project.ts";
import type { Release } from "./release.ts";

/** An artifact as a manifest names it: files by their digest, an image by the place and the digest it is pulled by. */
export type ManifestArtifact =
  | { readonly kind: "files"; readonly digest: Digest }
  | { readonly kind: "image"; readonly digest: Digest; readonly image: string };

/** Which value a secret had, in a form that tells nothing about it: equal versions are equal values. Null: it had none. */
export type SecretVersion = string | null;

/** The versions of the secrets that a release refers to, by environment and name. */
export type SecretVersions = Readonly<Record<string, Readonly<Record<string, SecretVersion>>>>;

/**
 * Everything that decides what a release runs, and nothing that does not. A release's digest is taken over its canonical
 * JSON, so the same inputs give the same digest wherever and whenever they are put together.
 */
export interface ReleaseManifest {
  readonly version: 1;
  readonly sha: Sha;
  /** Of the configuration with every default filled in. */
  readonly configuration: Digest;
  /** By service. */
  readonly artifacts: Readonly<Record<string, ManifestArtifact>>;
  /** Of each service's migrations. */
  readonly migrations: Readonly<Record<string, Digest>>;
  /** Of the infrastructure's code and what it is given; null where there is none. */
  readonly infrastructure: Digest | null;
  /** Always empty, and kept for the form: bytecode is among the files of its service's artifact, whose digest is above. */
  readonly contracts: Readonly<Record<string, Digest>>;
  /** Of the flags of every environment as they stood; null when there were none. */
  readonly flags: Digest | null;
  readonly secrets: SecretVersions;
}

/** The manifest of a release that is being made. Whoever calls it brings the digest, for core computes none. */
export function manifestOf(
  { revision, project, parts }: Pick<Release, "revision" | "project" | "parts">,
  secrets: SecretVersions,
  digestOf: (value: unknown) => Digest,
  flags: Digest | null = null,
): ReleaseManifest {
  return {
    version: 1,
    sha: revision.sha,
    configuration: digestOf(project),
    artifacts: Object.fromEntries(
      parts.map(({ service, artifact: digest, image }): [string, ManifestArtifact] => [
        service,
        image === undefined ? { kind: "files", digest } : { kind: "image", digest, image },
      ]),
    ),
    migrations: Object.fromEntries(
      parts.flatMap(({ service, migrations }) => (migrations === undefined ? [] : [[service, migrations.digest]])),
    ),
    infrastructure:
      project.infrastructure === undefined ? null : digestOf({ sha: revision.sha, stacks: project.infrastructure }),
    contracts: {},
    flags,
    secrets,
  };
}

/** Whether two manifests are of the same release but for how the flags stood. */
export const isSameApartFromFlags = (one: ReleaseManifest, other: ReleaseManifest): boolean =>
  sameJson({ ...one, flags: null }, { ...other, flags: null });

/** The names of the secrets that each environment of a project refers to, in order and each once. */
export function secretNamesOf(project: Project): Readonly<Record<string, readonly string[]>> {
  const ofServices = new Map(project.services.map(({ name, env }) => [name, env]));
  return Object.fromEntries(
    project.environments.map(({ name, variables, placements }) => {
      const values = [variables, ...placements.flatMap(({ service, env }) => [ofServices.get(service) ?? {}, env])];
      return [name, [...new Set(values.flatMap(secretsIn))].toSorted()];
    }),
  );
}

const secretsIn = (values: Readonly<Record<string, Value>>): readonly string[] =>
  Object.values(values).flatMap((value) => (typeof value === "string" ? [] : [value.secret]));
