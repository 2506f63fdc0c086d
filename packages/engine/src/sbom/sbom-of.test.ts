import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockfiles } from "./lockfiles.ts";
import { sbomOf } from "./sbom-of.ts";

let checkout: string;
beforeEach(async () => void (checkout = await mkdtemp(join(tmpdir(), "sbom-"))));
afterEach(() => rm(checkout, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(checkout, path)), { recursive: true });
  await writeFile(join(checkout, path), text);
}

interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: { readonly properties: readonly { name: string; value: string }[] } };
  readonly components?: readonly {
    readonly purl: string;
    readonly hashes?: readonly { alg: string; content: string }[];
  }[];
}

async function bomOf(folder = "services/api"): Promise<Bom | null> {
  await mkdir(join(checkout, folder), { recursive: true });
  const text = await sbomOf({ service: "api", version: "3f2a1bc", folder: join(checkout, folder), checkout });
  return text === null ? null : (JSON.parse(text) as Bom);
}

const purls = (bom: Bom | null): readonly string[] => bom?.components?.map(({ purl }) => purl) ?? [];

describe("the list of what a service is made of", () => {
  test("names npm's packages with their hashes, and leaves out what only development needs", async () => {
    const packages = {
      "": { name: "api" },
      "node_modules/pg": { version: "8.1.0", integrity: `sha512-${Buffer.alloc(64, 1).toString("base64")}` },
      "node_modules/a/node_modules/@scope/b": { version: "2.0.0" },
      "node_modules/vitest": { version: "4.0.0", dev: true },
      "node_modules/ours": { link: true },
    };
    await write("services/api/package-lock.json", JSON.stringify({ lockfileVersion: 3, packages }));
    const bom = await bomOf();
    expect(purls(bom)).toEqual(["pkg:npm/%40scope/b@2.0.0", "pkg:npm/pg@8.1.0"]);
    expect(bom?.components?.[1]?.hashes).toEqual([{ alg: "SHA-512", content: "01".repeat(64) }]);
    expect([bom?.bomFormat, bom?.specVersion]).toEqual(["CycloneDX", "1.6"]);
  });

  test("takes the nearest lockfile of each kind on the way up to the checkout", async () => {
    await write(
      "pnpm-lock.yaml",
      "lockfileVersion: '9.0'\npackages:\n  left-pad@1.3.0:\n    resolution: {integrity: sha1-AA==}\n",
    );
    await write("requirements.txt", "Flask==3.0.0\n");
    await write("services/api/requirements.txt", "fast_api[all]==0.110.0 ; python_version > '3'\nuvicorn>=1\n");
    expect(purls(await bomOf())).toEqual(["pkg:npm/left-pad@1.3.0", "pkg:pypi/fast-api@0.110.0"]);
  });

  test("reads Poetry's and uv's lockfiles, without the project itself", async () => {
    await write("services/api/poetry.lock", '[[package]]\nname = "Jinja2"\nversion = "3.1.0"\n');
    await write(
      "services/api/uv.lock",
      '[[package]]\nname = "api"\nversion = "0"\nsource = { virtual = "." }\n\n[[package]]\nname = "anyio"\nversion = "4.0"\nsdist = { hash = "sha256:abcd" }\n',
    );
    expect(purls(await bomOf())).toEqual(["pkg:pypi/anyio@4.0", "pkg:pypi/jinja2@3.1.0"]);
  });

  test("is the same text for the same files", async () => {
    await write(
      "package-lock.json",
      JSON.stringify({ packages: { "node_modules/b": { version: "1.0.0" }, "node_modules/a": { version: "1.0.0" } } }),
    );
    const subject = { service: "api", version: "1", folder: checkout, checkout };
    expect(await sbomOf(subject)).toBe(await sbomOf(subject));
  });

  test("says in itself which lockfile could not be read", async () => {
    await write("services/api/package-lock.json", "{ not json");
    const [property] = (await bomOf())?.metadata.component.properties ?? [];
    expect(property?.name).toBe("fairway:lockfile:services/api/package-lock.json");
    expect(property?.value).toMatch(/^could not be read: /u);
  });

  test("is none where nothing says what it is made of", async () => {
    expect(await bomOf()).toBeNull();
  });

  test("comes to an end on any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(lockfiles)), fc.string(), async (name, text) => {
        await write(`services/api/${name}`, text);
        const bom = await bomOf();
        await rm(join(checkout, "services/api", name));
        expect(bom?.metadata.component.properties).toHaveLength(1);
      }),
    );
  });
});
