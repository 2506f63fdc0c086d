import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { FairwayError, messageOf } from "@fairway/core";
import type { ControlOptions } from "@fairway/engine";
import type { IdentityClaims, IdentityIssuer } from "@fairway/workflow/identity";

type Job = Parameters<NonNullable<ControlOptions["jobServices"]>>[0];

/** What a job that may say who it is asks for tokens with. */
export interface JobIdentityAccess {
  readonly url: string;
  readonly token: string;
  sign(audience: string): Promise<string>;
}

/** Says of jobs who they are, to whoever trusts this daemon. */
export interface Identity {
  /** Answers a request about identities; false for one that is not. */
  takes(request: IncomingMessage, response: ServerResponse): boolean;
  /** A token that says of this daemon itself who it is, `fairway:daemon`, for ten minutes. */
  ofDaemon(audience: string): Promise<string>;
  /** Undefined for a job without `permissions: id-token: write`. */
  accessFor(job: Job): Promise<JobIdentityAccess | undefined>;
  /** The job has ended and gets no more tokens. */
  forget(job: Job): void;
}

const base = "/oidc";

/** No job's subject begins so: theirs are GitHub's, `repo:...`. */
const daemonSubject = "fairway:daemon";

interface KnownJob {
  readonly claims: IdentityClaims;
  readonly audience: string;
  readonly token: string;
}

/** Opens the issuer when first something asks: most daemons never sign anything. */
export function openIdentity(directory: string, url: Promise<string>): Identity {
  const jobs = new Map<string, KnownJob>();
  let opened: Promise<IdentityIssuer> | undefined;
  const issuer = (): Promise<IdentityIssuer> =>
    (opened ??= import("@fairway/workflow/identity").then(({ openIdentityIssuer }) => openIdentityIssuer(directory)));
  const issuerUrl = async (): Promise<string> => `${await url}${base}`;

  async function answer(request: IncomingMessage): Promise<readonly [status: number, body: unknown]> {
    const asked = new URL(request.url ?? "/", "http://localhost");
    if (asked.pathname === `${base}/.well-known/openid-configuration`)
      return [200, (await issuer()).discovery(await issuerUrl())];
    if (asked.pathname === `${base}/.well-known/jwks`) return [200, (await issuer()).keys()];
    if (asked.pathname !== `${base}/token`) return [404, { message: `there is no ${asked.pathname}` }];
    const given = /^bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const job = [...jobs.values()].find(({ token }) => isSame(token, given));
    if (job === undefined) return [401, { message: "this token asks for no job that runs" }];
    const audience = asked.searchParams.get("audience") || job.audience;
    return [200, { value: await (await issuer()).sign(await issuerUrl(), job.claims, audience) }];
  }

  return {
    takes(request, response) {
      if (request.url !== base && request.url?.startsWith(`${base}/`) !== true) return false;
      answer(request)
        .catch((thrown: unknown) => [500, { message: messageOf(thrown) }] as const)
        .then(([status, body]) =>
          response
            .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
            .end(JSON.stringify(body)),
        )
        // The asker has gone.
        .catch(() => response.destroy());
      return true;
    },
    ofDaemon: async (audience) => (await issuer()).sign(await issuerUrl(), { sub: daemonSubject }, audience),
    async accessFor(job) {
      if (job.instance.permissions["id-token"] !== "write" || job.fromFork) return undefined;
      const { identityClaims, usualAudience } = await import("@fairway/workflow/identity");
      const signer = await issuer();
      const known: KnownJob = {
        claims: identityClaims(job.github, job.environment),
        audience: usualAudience(job.github),
        token: signer.requestToken(job.attempt),
      };
      jobs.set(job.attempt, known);
      return {
        // Clients append `&audience=`.
        url: `${await issuerUrl()}/token?api-version=2.0`,
        token: known.token,
        sign: async (audience) => signer.sign(await issuerUrl(), known.claims, audience || known.audience),
      };
    },
    forget: (job) => void jobs.delete(job.attempt),
  };
}

/** What a job without the permission is told. */
export const noIdentity = (): Promise<never> =>
  Promise.reject(
    new FairwayError("not_allowed_now", "this job may not say who it is", {
      hint: "give it the permission in the workflow file: permissions: { id-token: write }",
    }),
  );

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
