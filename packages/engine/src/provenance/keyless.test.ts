import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Release, RunId } from "@fairway/core";
import { releaseId } from "@fairway/core";
import { memoryKeylessSigner } from "@fairway/conformance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { removeTree } from "../artifacts/remove-tree.ts";
import type { SignedRelease } from "../stages/releases.ts";
import { keylessFindings } from "./keyless-findings.ts";
import { signKeyless } from "./sign-keyless.ts";
import { signRelease } from "./sign-release.ts";
import { signingKey } from "./signing-key.ts";

let folder: string;
let trustedRoot: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyless-"));
  trustedRoot = join(folder, "trusted-root.json");
  await writeFile(trustedRoot, "root of ours");
});
afterEach(() => removeTree(folder));

const identity = { issuer: "https://issuer.example.com", subject: "release" };
const signer = memoryKeylessSigner("root of ours", identity.issuer);
const secrets = { lookUp: () => Promise.resolve({ TOKEN: "release" }) };

async function signed(sha = "a", sigstore: object | null = {}): Promise<SignedRelease> {
  const provenance = { sigstore: { trustedRoot, identity, token: { secret: "TOKEN" }, ...sigstore } };
  return signRelease(
    { key: await signingKey(join(folder, "signing")), secrets, flags: async () => null, version: "0.1.0" },
    {
      revision: { sha: sha.repeat(40), short: sha.repeat(7), subject: "s", author: "a", committedAt: "", ref: "main" },
      project: { name: "shop", services: [], environments: [], ...(sigstore === null ? {} : { provenance }) },
      parts: [],
      leftOut: [],
    },
    { run: "run-1" as RunId, requestedBy: "ana" },
  );
}
const kept = ({ release }: SignedRelease): Release => ({ ...release, id: releaseId(1), createdAt: "" });
const keylessly = (one: SignedRelease): Promise<SignedRelease> => signKeyless({ signer, secrets }, one);
const look = (one: SignedRelease, proof = one.keyless): ReturnType<typeof keylessFindings> =>
  keylessFindings(signer, kept(one), proof ?? null);

test("a release is signed by who somebody is where its project asks for that, and verified by it", async () => {
  const one = await keylessly(await signed());
  expect(one.keyless?.trustedRoot).toBe("root of ours");
  expect(await look(one)).toEqual([{ what: "sigstore", ok: true, detail: "by release of https://issuer.example.com" }]);
  const plain = await keylessly(await signed("a", null));
  expect("keyless" in plain).toBe(false);
  expect(await look(plain)).toEqual([]);
});

test("a release whose bundle is gone, changed or another's is refused, and says so", async () => {
  const [one, other] = [await keylessly(await signed("a")), await keylessly(await signed("b"))];
  const proof = one.keyless ?? { bundle: "", trustedRoot: "" };
  const tried = [null, { ...proof, bundle: proof.bundle.replace("shop", "shap") }, other.keyless ?? null];
  const found = await Promise.all(tried.map((each) => keylessFindings(signer, kept(one), each)));
  expect(found.flat()).toEqual([
    { what: "sigstore", ok: false, detail: "its bundle is gone" },
    { what: "sigstore", ok: false, detail: "its signature is not that of its contents" },
    {
      what: "sigstore",
      ok: false,
      detail: `what was signed is ${other.release.digest}, not ${one.release.digest}`,
    },
  ]);
  expect(await keylessFindings(undefined, kept(one), proof)).toMatchObject([{ ok: false }]);
});

test("the trusted root of now counts, and where it is not there the copy that was kept, with a note", async () => {
  const one = await keylessly(await signed());
  await writeFile(trustedRoot, "root of others");
  expect(await look(one)).toMatchObject([{ ok: false, detail: "its authority is not trusted" }]);
  await rm(trustedRoot);
  expect(await look(one)).toMatchObject([{ ok: true, note: true }]);
});

test("what would not be verified afterwards makes no release", async () => {
  const stranger = { identity: { ...identity, subject: "somebody else" } };
  await expect(keylessly(await signed("a", stranger))).rejects.toMatchObject({
    code: "signing_refused",
    message: expect.stringContaining("not by somebody else of https://issuer.example.com"),
  });
  const unread = await signed("a", { trustedRoot: join(folder, "nowhere") });
  await expect(keylessly(unread)).rejects.toMatchObject({ code: "signing_refused" });
  const none = { signer, secrets: { lookUp: () => Promise.resolve({}) } };
  await expect(signKeyless(none, await signed())).rejects.toMatchObject({ code: "secret_missing" });
  await expect(signKeyless({ signer: undefined, secrets }, await signed())).rejects.toMatchObject({
    code: "signing_refused",
  });
});
