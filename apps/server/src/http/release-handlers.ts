import type { ReleaseDiffShape } from "@fairway/api";
import type { Release, ReleaseId, Repository, Revision } from "@fairway/core";
import { FairwayError, codeOf, diffFlagRecords, diffReleases, messageOf, pullOf, serviceOf } from "@fairway/core";
import type { Control, Store } from "@fairway/engine";
import { documentOf, envelopeOf, keylessProofOf, knownKeys, recordedFlags, releaseById } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

export interface ReleaseHandlerParts {
  readonly store: Store;
  readonly control: Control;
  readonly repository: Repository;
}

type ReleaseOperations =
  | "releaseDiff"
  | "releaseVerification"
  | "releaseSbom"
  | "releaseProvenance"
  | "releaseBundle"
  | "signingKeys";

/** A commit with the pull request that brought it, as its subject says. */
const commitView = (revision: Revision): ReleaseDiffShape["commits"][number] => ({
  ...revision,
  pull: pullOf(revision.subject),
});

/** More than this nobody reads; `git log` shows them all. */
const mostCommits = 100;

/** What is asked of single releases: what differs, whether they are what was signed, what they are made of. */
export function releaseHandlers({
  store,
  control,
  repository,
}: ReleaseHandlerParts): Pick<Handlers, ReleaseOperations> {
  const byId = (id: string): Promise<Release> => releaseById(store, id as ReleaseId);
  return {
    releaseDiff: ({ release, from }) => diffOf({ store, repository }, from as ReleaseId, release as ReleaseId),

    releaseVerification: async ({ release, bytes }) => {
      const findings = await control.verify(await byId(release), bytes === "true" ? undefined : []);
      return { release, ok: findings.every(({ ok }) => ok), findings: [...findings] };
    },

    releaseSbom: async ({ release, service }) => {
      const part = (await byId(release)).parts.find((one) => one.service === service);
      if (part === undefined) throw new FairwayError("not_found", `release ${release} has no service "${service}"`);
      if (part.sbom === undefined)
        throw new FairwayError("not_found", `nothing says what ${service} of ${release} is made of`, {
          hint: "a lockfile in its folder or above it is what the list is made from",
        });
      return JSON.parse(await documentOf(store, part.sbom)) as Record<string, unknown>;
    },

    releaseProvenance: async ({ release }) => {
      const envelope = await envelopeOf(store, release as ReleaseId);
      if (envelope === null)
        throw new FairwayError("not_found", `release ${release} is from before releases were signed`);
      return { ...envelope, signatures: [...envelope.signatures] };
    },

    releaseBundle: async ({ release }) => {
      const proof = await keylessProofOf(store, release as ReleaseId);
      if (proof === null)
        throw new FairwayError("not_found", `release ${release} was not signed with Sigstore`, {
          hint: "`provenance.sigstore` of the configuration asks for that",
        });
      return JSON.parse(proof.bundle) as Record<string, unknown>;
    },

    signingKeys: async () => (await knownKeys(store)).map((key) => ({ ...key, current: key.id === control.signedBy })),
  };
}

/** What differs from one release to another, the flags as they stood with each. Throws `not_found`. */
export async function diffOf(
  { store, repository }: Pick<ReleaseHandlerParts, "store" | "repository">,
  from: ReleaseId,
  to: ReleaseId,
): Promise<ReleaseDiffShape> {
  const [earlier, later] = await Promise.all([releaseById(store, from), releaseById(store, to)]);
  const [before, after] = await Promise.all(
    [earlier, later].map(({ manifest }) => recordedFlags(store, manifest?.flags)),
  );
  const { url = null } = await repository.identity();
  const flags = [...diffFlagRecords(before ?? {}, after ?? {})];
  return { ...(await diffView(repository, earlier, later, flags)), repository: url };
}

async function diffView(
  repository: Repository,
  earlier: Release,
  later: Release,
  flags: ReleaseDiffShape["flags"],
): Promise<Omit<ReleaseDiffShape, "repository">> {
  const { from, to, services, settings, secrets } = diffReleases(earlier, later);
  const range = { from: earlier.revision.sha, to: later.revision.sha, limit: mostCommits };
  const commitsOf = async (service: string): Promise<readonly Revision[]> => {
    const known = serviceOf(later.project, service) ?? serviceOf(earlier.project, service);
    return known ? repository.commits({ ...range, paths: [known.path, ...known.build.inputs] }) : [];
  };
  try {
    return {
      from,
      to,
      services: await Promise.all(
        services.map(async (service) => ({
          ...service,
          commits: service.change === "unchanged" ? [] : [...(await commitsOf(service.service))],
        })),
      ),
      settings: [...settings],
      flags,
      secrets: [...secrets],
      commits: (await repository.commits({ ...range, paths: [] })).map(commitView),
      note: null,
    };
  } catch (thrown) {
    // A commit may be gone from the repository, by a forced push and a garbage collection; the rest can still be told.
    if (codeOf(thrown) !== "revision_not_found") throw thrown;
    return {
      from,
      to,
      services: services.map((service) => ({ ...service, commits: [] })),
      settings: [...settings],
      flags,
      secrets: [...secrets],
      commits: [],
      note: messageOf(thrown),
    };
  }
}
