import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identityClaims, usualAudience } from "./identity-claims.ts";
import { openIdentityIssuer } from "./identity-issuer.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairway-identity-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const github = {
  repository: "acme/shop",
  repository_owner: "acme",
  ref: "refs/heads/main",
  sha: "a".repeat(40),
  event_name: "push",
  run_id: "7",
};

test("a token says who the job is, and others can check it with the published keys", async () => {
  const issuer = await openIdentityIssuer(folder);
  const token = await issuer.sign("http://127.0.0.1/oidc", identityClaims(github, "production"), "sts.amazonaws.com");
  const keys = createLocalJWKSet({ keys: [...issuer.keys().keys] });
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: "http://127.0.0.1/oidc",
    audience: "sts.amazonaws.com",
  });
  expect(payload).toMatchObject({
    sub: "repo:acme/shop:environment:production",
    environment: "production",
    ref: "refs/heads/main",
    sha: github.sha,
    run_id: "7",
  });
  expect(protectedHeader).toMatchObject({ alg: "RS256", kid: issuer.keys().keys[0]?.kid });
  expect(JSON.stringify(issuer.keys())).not.toContain('"d"');
});

test("the subject names the environment, the pull request or the ref, as GitHub's does", () => {
  expect(identityClaims(github, undefined).sub).toBe("repo:acme/shop:ref:refs/heads/main");
  expect(identityClaims({ ...github, event_name: "pull_request" }, undefined).sub).toBe("repo:acme/shop:pull_request");
  expect(usualAudience(github)).toBe("https://github.com/acme");
});

test("the key is made once, and only its owner can read it", async () => {
  const first = await openIdentityIssuer(folder);
  const again = await openIdentityIssuer(folder);
  expect(again.keys()).toEqual(first.keys());
  expect(again.requestToken("run-1/a/1")).toBe(first.requestToken("run-1/a/1"));
  expect(again.requestToken("run-1/a/2")).not.toBe(first.requestToken("run-1/a/1"));
  const key = join(folder, "identity-key.json");
  expect((await stat(key)).mode & 0o777).toBe(0o600);
  expect(await readFile(key, "utf8")).toContain('"d"');
});
