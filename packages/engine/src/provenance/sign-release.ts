import type { Digest, Project, SecretSource, SecretVersions } from "@fairway/core";
import { manifestOf, secretNamesOf, secretScopeOf } from "@fairway/core";
import { canonicalJson, digestOf } from "../digest.ts";
import type { NewRelease, SignedRelease } from "../stages/releases.ts";
import { seal } from "./envelope.ts";
import type { SigningKey } from "./signing-key.ts";
import type { Making } from "./statement.ts";
import { releaseStatement, statementType } from "./statement.ts";

/** Who asked for a release, and in which run it was made. */
export type MakingFacts = Pick<Making, "run" | "requestedBy">;

/** What signing needs from outside. */
export interface SigningParts {
  readonly key: SigningKey;
  readonly secrets: SecretSource;
  /** Keeps how the flags of a project's environments stand, and answers with the digest of that. */
  readonly flags: (project: Project) => Promise<Digest | null>;
  /** Of Fairway. */
  readonly version: string;
}

/** Puts a release under one digest and signs how it came to be. May be repeated; nothing is kept by it. */
export async function signRelease(
  { key, secrets, flags, version }: SigningParts,
  made: Omit<NewRelease, "digest" | "manifest">,
  { run, requestedBy }: MakingFacts,
): Promise<SignedRelease> {
  const versions = await secretVersions(made.project, secrets, key);
  const manifest = manifestOf(made, versions, digestOf, await flags(made.project));
  const digest = digestOf(manifest);
  const { project, revision } = made;
  const finishedAt = new Date().toISOString();
  const making = { project: project.name, revision, run, requestedBy, finishedAt, version };
  const payload = Buffer.from(canonicalJson(releaseStatement(digest, manifest, making)));
  return { release: { ...made, manifest, digest }, envelope: seal(statementType, payload, key) };
}

/** Which values the secrets have now. One that has none is no obstacle here: the deployment that needs it says so. */
async function secretVersions(project: Project, source: SecretSource, key: SigningKey): Promise<SecretVersions> {
  const found = await Promise.all(
    Object.entries(secretNamesOf(project)).map(async ([environment, names]) => {
      const scope = secretScopeOf(project, environment);
      if (scope === null) return [environment, {}] as const;
      // What lies in a store outside is not asked for yet: it need not be open while a release is made.
      const known = names.length === 0 ? {} : await source.versions?.(scope, names);
      if (known !== undefined)
        return [environment, Object.fromEntries(names.map((name) => [name, known[name] ?? null]))] as const;
      const values = await source.lookUp(scope, names);
      const versions = names.map((name) => {
        const value = values[name];
        return [name, value === undefined ? null : key.nameSecret(scope, name, value)];
      });
      return [environment, Object.fromEntries(versions)] as const;
    }),
  );
  return Object.fromEntries(found);
}
