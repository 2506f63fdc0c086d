import type { ReleaseDiffShape } from "@fairway/api";
import type { Release, ReleaseId, Repository, Revision } from "@fairway/core";
import { FairwayError, codeOf, diffFlagRecords, diffReleases, messageOf, serviceOf } from "@fairway/core";
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
    releaseDiff: async ({ release, from }) => {
      const [earlier, later] = await Promise.all([byId(from), byId(release)]);
      const [before, after] = await Promise.all(
        [earlier, later].map(({ manifest }) => recordedFlags(store, manifest?.flags)),
      );
      const flags = diffFlagRecords(before ?? {}, after ?? {});
      return diffView(repository, earlier, later, [...flags]);
    },

    releaseVerification: async ({ release }) => {
      const findings = await control.verify(await byId(release));
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

async function diffView(
  repository: Repository,
  earlier: Release,
  later: Release,
  flags: ReleaseDiffShape["flags"],
): Promise<ReleaseDiffShape> {
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
      commits: [...(await repository.commits({ ...range, paths: [] }))],
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
