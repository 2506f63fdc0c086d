import type { Digest, Release, ReleaseId, RunId } from "@fairway/core";
import type { Envelope } from "../provenance/envelope.ts";
import type { KeylessProof } from "../provenance/keyless-proof.ts";
import type { GreenCheck, Reusable } from "./release-run.ts";

/** What a release is made from, before it has a number. */
export type NewRelease = Omit<Release, "id" | "createdAt">;

/** A release that is kept, with the proof of how it came to be. */
export interface SignedRelease {
  readonly release: NewRelease;
  readonly envelope: Envelope;
  /** Set where the project has it signed by who somebody is, too. */
  readonly keyless?: KeylessProof | undefined;
}

/** The releases that were made, and what they were built from. */
export interface Releases {
  /** Gives the release its number and keeps it for good. May be repeated: one run makes one release. */
  keep(run: RunId, signed: SignedRelease): Promise<Release>;
  /** Throws `not_found`. */
  byId(id: ReleaseId): Promise<Release>;
  /** Artifacts that were built from these inputs before, by service. */
  builtFrom(inputs: ReadonlyMap<string, Digest>): Promise<ReadonlyMap<string, Reusable>>;
  /** Checks that have said yes to these inputs before, by `service/check`. */
  greenChecks(inputs: ReadonlyMap<string, Digest>): Promise<ReadonlyMap<string, GreenCheck>>;
}
