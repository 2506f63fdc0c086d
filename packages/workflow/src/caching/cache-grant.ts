import { FairwayError } from "@fairway/core";
import { errors, jwtVerify, SignJWT } from "jose";

/** What a job may do with the caches. */
export interface CacheGrant {
  readonly run: string;
  readonly job: string;
  /** Where it reads, the own ref first, then the base of a pull request and the default branch. */
  readonly reads: readonly string[];
  /** Where it saves; null for a pull request of a fork, which must not put anything where others would take it from. */
  readonly saves: string | null;
}

/** What decides about a job's caches. */
export interface CachingJob {
  readonly run: string;
  readonly job: string;
  readonly ref: string;
  /** The ref that a pull request wants to be merged into. */
  readonly base?: string | undefined;
  readonly defaultBranch: string;
  /** Whether its code comes from a repository in which others may write. */
  readonly fromFork: boolean;
}

/** A ref reads what it, its base and the default branch saved, and saves for itself alone: GitHub's rule. */
export function grantFor({ run, job, ref, base, defaultBranch, fromFork }: CachingJob): CacheGrant {
  const reads = [ref, ...(base === undefined ? [] : [base]), defaultBranch];
  return { run: plain(run), job: plain(job), reads: [...new Set(reads)], saves: fromFork ? null : ref };
}

/** The claim that names run and job is cut at its colons. */
const plain = (name: string): string => name.replaceAll(/[^\w.-]/g, "_");

const issuer = "fairway-caches";
const read = 1;
const write = 2;

/**
 * The token with which a job's processes speak to the cache server. Its claims are those of GitHub's runtime tokens, which
 * clients look into: `scp` names run and job, `ac` lists the refs with 1 for reading and 2 for saving.
 */
export async function cacheToken(grant: CacheGrant, key: Uint8Array, until: Date): Promise<string> {
  const scopes = grant.reads.map((Scope) => ({ Scope, Permission: read | (Scope === grant.saves ? write : 0) }));
  return new SignJWT({ scp: `Actions.Results:${grant.run}:${grant.job}`, ac: JSON.stringify(scopes) })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(issuer)
    .setExpirationTime(until)
    .sign(key);
}

/** What a token allows; undefined when it is none of ours, or its time is over. */
export async function grantOf(token: string, key: Uint8Array): Promise<CacheGrant | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, { issuer, algorithms: ["HS256"] });
    const [, run, job] = /^Actions\.Results:([^:]+):([^:]+)$/.exec(String(payload["scp"])) ?? [];
    const scopes = JSON.parse(String(payload["ac"])) as readonly { Scope: string; Permission: number }[];
    if (run === undefined || job === undefined) return undefined;
    const saves = scopes.find(({ Permission }) => (Permission & write) !== 0)?.Scope ?? null;
    return { run, job, reads: scopes.map(({ Scope }) => Scope), saves };
  } catch (thrown) {
    if (thrown instanceof errors.JOSEError) return undefined;
    throw new FairwayError("internal", "a cache token of ours could not be read", { cause: thrown });
  }
}
