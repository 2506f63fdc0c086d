import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Descriptor, ImageRegistry, RegistryAccess } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TestRegistry } from "../../../../tools/container-registry.mjs";
import { registryLogin, startRegistry } from "../../../../tools/container-registry.mjs";
import { needs } from "../../../../tools/skips.ts";
import type { FaultyRegistry } from "../../fixtures/faulty-registry.ts";
import { faultyRegistry, putTinyImage } from "../../fixtures/faulty-registry.ts";
import { fallbackTag } from "./attachments.ts";
import { ociRegistry } from "./oci-registry.ts";
import type { RegistryPatience } from "./registry-connection.ts";

const plain = (host: string, over: Partial<RegistryAccess> = {}): RegistryAccess => ({
  host,
  insecure: true,
  ca: null,
  login: null,
  ...over,
});

describe.skipIf(!needs("registry"))("a real registry", () => {
  let real: TestRegistry;
  let double: FaultyRegistry;
  let registry: ImageRegistry;
  let places = 0;
  /** Each test has a repository of its own. */
  let repository: string;

  const through = (patience?: RegistryPatience): ImageRegistry => ociRegistry(plain(double.host), patience);
  const whole = async (digest: string): Promise<Descriptor> => {
    const state = await registry.inspect(repository, digest);
    if (state.kind !== "whole") throw new Error(`${digest} is ${state.kind}`);
    return state.manifest;
  };
  const blobFile = (digest: string): string => {
    const hex = digest.slice("sha256:".length);
    return join(real.folder, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
  };

  beforeAll(async () => {
    real = await startRegistry();
    double = await faultyRegistry(real.host);
    registry = ociRegistry(plain(real.host));
  }, 60_000);
  afterAll(async () => {
    await double?.close();
    await real?.stop();
  });
  beforeEach(() => {
    double.fault = () => null;
    repository = `shop/place-${(places += 1)}`;
  });

  test("says what a tag names, and lists the tags", async () => {
    expect(await registry.digestOf(repository, "one")).toBeNull();
    expect(await registry.tags(repository)).toEqual([]);
    const { manifest } = await putTinyImage(real.host, repository, "one");
    await putTinyImage(real.host, repository, "two");
    expect(await registry.digestOf(repository, "one")).toBe(manifest);
    expect([...(await registry.tags(repository))].toSorted()).toEqual(["one", "two"]);
  });

  test("has an image whole, and every byte of it", async () => {
    const { manifest, configuration } = await putTinyImage(real.host, repository, "one");
    const state = await registry.inspect(repository, manifest, { deep: true });
    expect(state).toMatchObject({ kind: "whole", configuration, manifest: { digest: manifest } });
    expect(await registry.inspect(repository, `sha256:${"0".repeat(64)}`)).toEqual({ kind: "gone" });
  });

  test("whose disk turned a byte over is found out, and the layer is named", async () => {
    const { manifest, layer } = await putTinyImage(real.host, repository, "one", {
      contents: `layer of ${repository}`,
    });
    const bytes = readFileSync(blobFile(layer));
    bytes[0] = 0;
    writeFileSync(blobFile(layer), bytes);
    expect(await registry.inspect(repository, manifest)).toMatchObject({ kind: "whole" });
    const state = await registry.inspect(repository, manifest, { deep: true });
    expect(state).toMatchObject({
      kind: "damaged",
      problems: [expect.stringContaining(`the layer ${layer} has other bytes`)],
    });
  });

  test("that has lost a layer is found out without reading any", async () => {
    const { manifest, layer } = await putTinyImage(real.host, repository, "one", { contents: `lost of ${repository}` });
    rmSync(blobFile(layer));
    const state = await registry.inspect(repository, manifest);
    expect(state).toEqual({ kind: "damaged", problems: [`the layer ${layer} is gone`] });
  });

  test("took a manifest with a wrong size, which is found out", async () => {
    const { manifest, layer } = await putTinyImage(real.host, repository, "one", { contents: "abc", layerSize: 4 });
    const problem = `the layer ${layer} has 3 bytes, and its manifest says 4`;
    expect(await registry.inspect(repository, manifest)).toEqual({ kind: "damaged", problems: [problem] });
    expect(await registry.inspect(repository, manifest, { deep: true })).toEqual({
      kind: "damaged",
      problems: [problem],
    });
  });

  test("keeps documents beside an image, each once, by the tag of the older specification", async () => {
    const { manifest } = await putTinyImage(real.host, repository, "one");
    const subject = await whole(manifest);
    const sbom = { type: "application/vnd.cyclonedx+json", body: '{"a":1}', annotations: { title: "one" } };
    const first = await registry.attach(repository, subject, sbom);
    expect(await registry.attach(repository, subject, sbom)).toBe(first);
    await registry.attach(repository, subject, { ...sbom, type: "application/vnd.dsse.envelope.v1+json" });
    const beside = await registry.attachments(repository, manifest);
    expect(beside.map(({ artifactType }) => artifactType)).toEqual([
      "application/vnd.cyclonedx+json",
      "application/vnd.dsse.envelope.v1+json",
    ]);
    expect(beside[0]).toMatchObject({ digest: first, annotations: { title: "one" } });
    expect(await registry.tags(repository)).toContain(fallbackTag(manifest));
    expect(await registry.inspect(repository, first, { deep: true })).toMatchObject({ kind: "whole" });
  });

  test("takes an image away with its tags and what is beside it, and leaves others", async () => {
    const { manifest } = await putTinyImage(real.host, repository, "one");
    const other = await putTinyImage(real.host, repository, "two");
    const subject = await whole(manifest);
    const beside = await registry.attach(repository, subject, { type: "text/plain", body: "x", annotations: {} });
    expect(await registry.remove(repository, manifest)).toBe(true);
    for (const gone of [manifest, beside]) expect(await registry.inspect(repository, gone)).toEqual({ kind: "gone" });
    expect(await registry.tags(repository)).toEqual(["two"]);
    expect(await registry.inspect(repository, other.manifest)).toMatchObject({ kind: "whole" });
    expect(await registry.remove(repository, manifest)).toBe(false);
  });

  test("gathers images of several platforms under one tag, and each is looked at", async () => {
    const images = [];
    for (const architecture of ["amd64", "arm64"]) {
      const { manifest } = await putTinyImage(real.host, repository, `one-${architecture}`);
      images.push({ ...(await whole(manifest)), platform: { os: "linux", architecture } });
    }
    const index = await registry.gather(repository, "one", images);
    expect(await registry.digestOf(repository, "one")).toBe(index);
    expect(await registry.inspect(repository, index, { deep: true })).toMatchObject({
      kind: "whole",
      configuration: null,
    });
  });

  test("that answers with other bytes than it was asked for is not believed", async () => {
    const { manifest } = await putTinyImage(real.host, repository, "one");
    double.fault = ({ path }) => (path.includes("/manifests/") ? "other-bytes" : null);
    const state = await through().inspect(repository, manifest);
    expect(state).toMatchObject({
      kind: "damaged",
      problems: [expect.stringMatching(/has other bytes: their digest is/)],
    });
  });

  test("that asks for a moment is asked again, and the answer counts", async () => {
    const { manifest } = await putTinyImage(real.host, repository, "one");
    let busy = 2;
    double.fault = () => ((busy -= 1) >= 0 ? { status: 429, headers: { "retry-after": "0" } } : null);
    expect(await through().digestOf(repository, "one")).toBe(manifest);
  });

  test.each([
    [
      "asks to be left alone for long",
      { status: 429, headers: { "retry-after": "120" } },
      "registry_unavailable",
      /alone for 120 s/,
    ],
    ["is overloaded", { status: 503, body: "overloaded" }, "registry_unavailable", /answered with 503: overloaded/],
    ["hangs up", "hang-up", "registry_unavailable", /does not answer/],
    [
      "wants to know who we are",
      { status: 401, headers: { "www-authenticate": "Basic realm=x" } },
      "registry_refused",
      /no login is configured/,
    ],
    [
      "allows us nothing",
      { status: 403, body: '{"errors":[{"code":"DENIED","message":"not yours"}]}' },
      "registry_refused",
      /403: not yours/,
    ],
    ["has no room", { status: 507 }, "disk_full", /no room/],
    [
      "has no room and says so in words",
      { status: 500, body: "write /var: no space left on device" },
      "disk_full",
      /no room/,
    ],
    ["says nothing in time", "silence", "deadline_passed", /longer than 0.2 s/],
  ] as const)("that %s says so, and the next try goes well", async (_how, answer, code, message) => {
    const { manifest } = await putTinyImage(real.host, repository, "one");
    const client = answer === "silence" ? through({ answerWithin: 200, idle: 200 }) : through();
    double.fault = () => answer;
    await expect(client.digestOf(repository, "one")).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    });
    double.fault = () => null;
    expect(await through().digestOf(repository, "one")).toBe(manifest);
  });

  test("that is down does not answer, and the sentence says where", async () => {
    // Nobody listens at a port that only root may take and that was given away in 1988.
    await expect(ociRegistry(plain("127.0.0.1:1")).tags(repository)).rejects.toMatchObject({
      code: "registry_unavailable",
      retryable: true,
      message: `could not list the tags of ${repository}, 127.0.0.1:1: it does not answer (ECONNREFUSED)`,
    });
  });

  test("sends elsewhere for a layer, and is followed without our password", async () => {
    const { manifest, layer } = await putTinyImage(real.host, repository, "one");
    const elsewhere = await faultyRegistry(real.host);
    const shown: (string | undefined)[] = [];
    elsewhere.fault = ({ headers }) => {
      shown.push(headers.authorization);
      return null;
    };
    double.fault = ({ path, headers }) => {
      if (headers.authorization === undefined) return { status: 401, headers: { "www-authenticate": "Basic realm=x" } };
      return path.includes(layer) ? { status: 307, headers: { location: `http://${elsewhere.host}${path}` } } : null;
    };
    const client = ociRegistry(plain(double.host, { login: registryLogin }));
    expect(await client.inspect(repository, manifest, { deep: true })).toMatchObject({ kind: "whole" });
    expect(shown).toEqual([undefined]);
    await elsewhere.close();
  });

  test("gives a token to whoever shows a password, and is asked with it once for all", async () => {
    await putTinyImage(real.host, repository, "one");
    const tokens: string[] = [];
    double.fault = ({ path, headers }) => {
      if (path.startsWith("/token")) {
        tokens.push(`${path} ${headers.authorization}`);
        return { status: 200, body: '{"token":"t0ken","expires_in":300}' };
      }
      const realm = `Bearer realm="http://${double.host}/token",service="s",scope="repository:${repository}:pull"`;
      return headers.authorization === "Bearer t0ken" ? null : { status: 401, headers: { "www-authenticate": realm } };
    };
    const client = ociRegistry(plain(double.host, { login: registryLogin }));
    expect(await client.tags(repository)).toEqual(["one"]);
    expect(await client.digestOf(repository, "one")).not.toBeNull();
    const basic = `Basic ${Buffer.from("ada:secret").toString("base64")}`;
    expect(tokens).toEqual([`/token?service=s&scope=${encodeURIComponent(`repository:${repository}:pull`)} ${basic}`]);
  });

  test("gives many tags on several pages", async () => {
    double.fault = ({ path }) =>
      path.includes("last=")
        ? { status: 200, body: '{"tags":["b"]}' }
        : { status: 200, headers: { link: `<${path}&last=a>; rel="next"` }, body: '{"tags":["a"]}' };
    expect(await through().tags(repository)).toEqual(["a", "b"]);
  });

  test("with referrers of its own is asked for them, and no tag is written", async () => {
    const { manifest } = await putTinyImage(real.host, repository, "one");
    const listed = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: manifest, size: 1 };
    double.fault = ({ path }) =>
      path.includes("/referrers/") ? { status: 200, body: JSON.stringify({ manifests: [listed] }) } : null;
    expect(await through().attachments(repository, manifest)).toEqual([listed]);
  });

  test("takes what is sent, and nothing is left of the attempt", async () => {
    await registry.tryWriting(repository);
    double.fault = ({ method }) =>
      method === "POST"
        ? { status: 500, body: '{"errors":[{"code":"UNKNOWN","detail":{"Enclosed":{"Op":"mkdir","Err":28}}}]}' }
        : null;
    await expect(through().tryWriting(repository)).rejects.toMatchObject({ code: "disk_full", retryable: true });
  });

  test("never gets a name that leads elsewhere", async () => {
    await expect(registry.tags("../secret")).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe.skipIf(!needs("registry"))("a registry that asks who we are", () => {
  let real: TestRegistry;
  beforeAll(async () => {
    real = await startRegistry({ login: true, deletes: false });
  }, 60_000);
  afterAll(() => real?.stop());

  test("takes the right password, and no other", async () => {
    expect(await ociRegistry(plain(real.host, { login: registryLogin })).tags("shop/web")).toEqual([]);
    const wrong = { ...registryLogin, password: "other-password" };
    const refusal = ociRegistry(plain(real.host, { login: wrong })).tags("shop/web");
    await expect(refusal).rejects.toMatchObject({
      code: "registry_refused",
      message: expect.stringMatching(/username and password$/) as string,
    });
    await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining("other-password") as string });
  });

  test("and deletes nothing says how that is allowed", async () => {
    const registry = ociRegistry(plain(real.host, { login: registryLogin }));
    await expect(registry.remove("shop/web", `sha256:${"0".repeat(64)}`)).rejects.toMatchObject({
      code: "registry_refused",
      hint: expect.stringContaining("storage.delete.enabled") as string,
    });
  });
});
