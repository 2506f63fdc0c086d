import { createHmac, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import type { IdentityClaims } from "./identity-claims.ts";

/** Signs what jobs say about themselves, and tells others how to check it. */
export interface IdentityIssuer {
  /** What `.well-known/openid-configuration` below the issuer's address answers. */
  discovery(issuer: string): Readonly<Record<string, unknown>>;
  /** The public keys. */
  keys(): { readonly keys: readonly JWK[] };
  /** A token that says who a job is, for ten minutes. */
  sign(issuer: string, claims: IdentityClaims, audience: string): Promise<string>;
  /** What a job asks for tokens with: the same each time for the same job, so that a daemon after this one knows it. */
  requestToken(job: string): string;
}

/** GitHub's are valid for as long; whoever takes them does so at once. */
const validFor = "10m";

/** Opens the issuer whose key is in a directory, and makes the key the first time. Only the daemon's own user can read it. */
export async function openIdentityIssuer(directory: string): Promise<IdentityIssuer> {
  const path = join(directory, "identity-key.json");
  const jwk = (await keyIn(path)) ?? (await makeKey(directory, path));
  const kid = await calculateJwkThumbprint(jwk);
  const key = await importJWK(jwk, "RS256");
  const { kty, n, e } = jwk;
  const known: JWK = { kty, n, e, kid, use: "sig", alg: "RS256" } as JWK;
  return {
    discovery: (issuer) => ({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks`,
      subject_types_supported: ["public", "pairwise"],
      response_types_supported: ["id_token"],
      claims_supported: ["sub", "aud", "exp", "iat", "iss", "jti", "nbf", "ref", "sha", "repository", "environment"],
      id_token_signing_alg_values_supported: ["RS256"],
      scopes_supported: ["openid"],
    }),
    keys: () => ({ keys: [known] }),
    sign: (issuer, claims, audience) =>
      new SignJWT({ ...claims, jti: randomUUID() })
        .setProtectedHeader({ typ: "JWT", alg: "RS256", kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setNotBefore("0s")
        .setExpirationTime(validFor)
        .sign(key),
    requestToken: (job) => createHmac("sha256", String(jwk.d)).update(`identity request ${job}`).digest("base64url"),
  };
}

async function keyIn(path: string): Promise<JWK | undefined> {
  const text = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as JWK;
  } catch (cause) {
    throw new FairwayError("data_directory_unusable", `${path} is no key`, {
      cause,
      hint: "put it back from a backup, or remove it: a new key is made, and who trusts the old one must be told",
    });
  }
}

async function makeKey(directory: string, path: string): Promise<JWK> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { privateKey } = await generateKeyPair("RS256", { extractable: true, modulusLength: 2048 });
  const jwk = await exportJWK(privateKey);
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(jwk));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return jwk;
}
