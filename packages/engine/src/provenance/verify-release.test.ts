import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Release, RunId } from "@fairway/core";
import { releaseId } from "@fairway/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { removeTree } from "../artifacts/remove-tree.ts";
import { artifactDirectory, storeArtifact } from "../artifacts/store-artifact.ts";
import type { Envelope } from "./envelope.ts";
import { signRelease } from "./sign-release.ts";
import type { SigningKey } from "./signing-key.ts";
import { signingKey } from "./signing-key.ts";
import type { ReleaseFinding } from "./verify-release.ts";
import { refusals, verifyRelease } from "./verify-release.ts";

let folder: string;
let key: SigningKey;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "provenance-"));
  key = await signingKey(join(folder, "signing"));
});
afterEach(() => removeTree(folder));

const secretsOf = (values: Readonly<Record<string, string>>) => ({ lookUp: () => Promise.resolve(values) });

async function released(
  secret = "v1",
): Promise<{ readonly release: Release; readonly envelope: Envelope; readonly file: string }> {
  const built = join(folder, "built");
  await mkdir(built, { recursive: true });
  await writeFile(join(built, "server.mjs"), "serve();\n");
  const { digest } = await storeArtifact(built, join(folder, "artifacts"));
  const made = {
    revision: { sha: "a".repeat(40), short: "aaaaaaa", subject: "s", author: "a", committedAt: "", ref: "main" },
    project: {
      name: "shop",
      services: [{ name: "api", env: {} }],
      environments: [
        { name: "staging", variables: {}, placements: [{ service: "api", env: { TOKEN: { secret: "TOKEN" } } }] },
      ],
    } as unknown as Release["project"],
    parts: [{ service: "api", artifact: digest, inputs: "sha256:i", takenFrom: null }],
    leftOut: [],
  };
  const parts = { key, secrets: secretsOf({ TOKEN: secret }), flags: async () => null, version: "0.1.0" };
  const { release, envelope } = await signRelease(parts, made, { run: "run-1" as RunId, requestedBy: "ana" });
  const file = join(artifactDirectory(digest, join(folder, "artifacts")), "server.mjs");
  return { release: { ...release, id: releaseId(1), createdAt: "" }, envelope, file };
}

const keys = (): Parameters<typeof verifyRelease>[0]["keys"] => new Map([[key.id, createPublicKey(key.publicKey)]]);

const verify = (release: Release, envelope: Envelope | null): Promise<readonly ReleaseFinding[]> =>
  verifyRelease({ artifacts: join(folder, "artifacts"), keys: keys() }, release, envelope);

const wrongIn = (findings: readonly ReleaseFinding[]): readonly string[] =>
  findings.filter(({ ok }) => !ok).map(({ what }) => what);

describe("a release", () => {
  test("is verified as it was signed", async () => {
    const { release, envelope } = await released();
    const findings = await verify(release, envelope);
    expect(findings.map(({ what, ok }) => [what, ok])).toEqual([
      ["signature", true],
      ["manifest", true],
      ["artifact of api", true],
    ]);
    expect(refusals(release, findings)).toEqual([]);
  });

  test("with a changed byte is refused, and the file is named", async () => {
    const { release, envelope, file } = await released();
    await chmod(file, 0o600);
    await writeFile(file, "serve(1);\n");
    const [refusal = ""] = refusals(release, await verify(release, envelope));
    expect(refusal).toMatch(/^r1 is not what was signed: artifact of api: server\.mjs of artifact sha256:/u);
  });

  test("whose artifact is gone is refused", async () => {
    const { release, envelope } = await released();
    await removeTree(join(folder, "artifacts"));
    expect(wrongIn(await verify(release, envelope))).toEqual(["artifact of api"]);
  });

  test("that says something else of itself than what was signed is refused", async () => {
    const { release, envelope } = await released();
    const moved = { ...release, revision: { ...release.revision, sha: "b".repeat(40) } };
    expect(wrongIn(await verify(moved, envelope))).toEqual(["manifest"]);
    expect(wrongIn(await verify({ ...moved, digest: "sha256:0" }, envelope))).toEqual(["signature", "manifest"]);
  });

  test("whose statement is gone, or signed by a stranger, is refused", async () => {
    const { release, envelope } = await released();
    expect(wrongIn(await verify(release, null))).toEqual(["signature"]);
    const stranger = new Map([[key.id, generateKeyPairSync("ed25519").publicKey]]);
    const findings = await verifyRelease({ artifacts: join(folder, "artifacts"), keys: stranger }, release, envelope);
    expect(wrongIn(findings)).toEqual(["signature"]);
  });

  test("gets the same digest from the same inputs, and another when a secret has another value", async () => {
    const [one, same, other] = [await released(), await released(), await released("v2")];
    expect(same.release.digest).toBe(one.release.digest);
    expect(other.release.digest).not.toBe(one.release.digest);
    expect(JSON.stringify([one, other])).not.toMatch(/"v[12]"/u);
  });

  test("from before releases were signed is as good as its digest", async () => {
    const { release } = await released();
    const { manifest: _none, ...old } = release;
    expect(wrongIn(await verify(old, null))).toEqual(["manifest"]);
  });
});

describe("the signing key", () => {
  test("is made once, however many ask at once, and for its owner's eyes only", async () => {
    const place = join(folder, "other");
    const made = await Promise.all([signingKey(place), signingKey(place), signingKey(place)]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect((await signingKey(place)).id).toBe(made[0].id);
    expect((await stat(join(place, "release-key.pem"))).mode & 0o777).toBe(0o600);
    expect(made[0].nameSecret("staging", "A", "x")).toBe(made[2].nameSecret("staging", "A", "x"));
  });

  test("that is damaged is said to be, and not replaced", async () => {
    const file = join(folder, "signing", "release-key.pem");
    await writeFile(file, "no key");
    await expect(signingKey(join(folder, "signing"))).rejects.toMatchObject({ code: "data_directory_unusable" });
    expect(await readFile(file, "utf8")).toBe("no key");
  });
});
