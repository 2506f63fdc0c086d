import type { FencingToken } from "../deployment/fencing.ts";
import type { ReleaseId, RolloutId } from "../ids.ts";
import type { Hosted } from "./hosted-placement.ts";

/** What is remembered of a service that a platform serves: of its newest rollout, written before each effect. */
export interface HostedMarks {
  readonly rollout: RolloutId;
  readonly release: ReleaseId;
  readonly desired: number;
  readonly placement: Hosted;
  /** What each address led to before the rollout began; null for nothing. */
  readonly before: Readonly<Record<string, string | null>>;
  /** The release's deployment there; null while it is not known. */
  readonly deployment: string | null;
  /** Deployments of the release that had failed before, and are not this rollout's. */
  readonly dead: readonly string[];
  /** The time of the newest request to move addresses that was seen just before this rollout asked; null before it has. */
  readonly asked: number | null;
  /** The same for the way back. */
  readonly askedBack: number | null;
  /** How far a release in stages was seen or taken; null where none was. */
  readonly stages: "seen" | "completing" | null;
  /** Whether the way back has ended: what comes next begins anew. */
  readonly isBack: boolean;
}

/** Remembers services on platforms, so that nothing is done twice and a restart forgets nothing. */
export interface HostedLedger {
  /** Null where nothing was written. */
  read(scope: string): Promise<HostedMarks | null>;
  /** Shuts out whoever comes with an older token. Safe to repeat. Throws `fenced`. */
  fence(token: FencingToken): Promise<void>;
  /** Writes down what is known now. Safe to repeat. Throws `fenced`. */
  write(token: FencingToken, marks: HostedMarks): Promise<void>;
  /** Forgets the service of this token. Safe to repeat. Throws `fenced`. */
  forget(token: FencingToken): Promise<void>;
  /** The services of an environment that are on record. */
  of(environment: string): Promise<readonly { readonly service: string; readonly marks: HostedMarks }[]>;
}
