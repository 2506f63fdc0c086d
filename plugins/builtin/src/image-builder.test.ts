import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageBuilder, RegistryAccess } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selfSigned } from "../../../tools/self-signed.ts";
import type { TestRegistry } from "../../../tools/container-registry.mjs";
import { registryLogin, startRegistry } from "../../../tools/container-registry.mjs";
import { needs } from "../../../tools/skips.ts";
import type { EngineWorld } from "../fixtures/container-world.ts";
import { engineWorld } from "../fixtures/container-world.ts";
import { podman } from "../fixtures/podman.ts";
import { removeImages } from "../fixtures/remove-images.ts";
import { buildahBuilder } from "./buildah-builder.ts";
import { ensureImage } from "./container-engine/images.ts";
import { imageBuilder } from "./image-builder.ts";
import { ociRegistry } from "./oci-registry/oci-registry.ts";

describe.skipIf(!needs("podman", "buildah", "registry"))(
  "a builder of images, and a registry with TLS and a login",
  // Podman takes a second for what it does in none on a machine that has nothing else to do.
  { timeout: 60_000 },
  () => {
    let context: string;
    let world: EngineWorld;
    let registry: TestRegistry;
    let access: RegistryAccess;
    let images: ImageBuilder;
    const said: string[] = [];
    const { signal } = new AbortController();

    const build = (
      image: string | null,
      tag: string,
      contents: string,
      platform: string | null = null,
    ): ReturnType<ImageBuilder["build"]> => {
      writeFileSync(join(context, "file"), contents);
      const what = {
        service: "api",
        image,
        tag,
        context,
        dockerfile: "Dockerfile",
        args: {},
        labels: {},
        platform,
      };
      return images.build(what, (line) => void said.push(line), signal);
    };

    beforeAll(async () => {
      context = mkdtempSync(join(tmpdir(), "fairway-builder-"));
      writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY file /\n");
      const { certificate, key, pem } = selfSigned(context, ["localhost"]);
      registry = await startRegistry({ login: true, tls: { certificate, key } });
      // The certificate is for a name.
      access = {
        host: registry.host.replace("127.0.0.1", "localhost"),
        insecure: false,
        ca: pem,
        login: registryLogin,
      };
      world = engineWorld();
      images = imageBuilder({ engine: world.engine, project: "test", id: context });
    }, 60_000);
    afterAll(async () => {
      const label = `label=dev.fairway.builder=${context}`;
      const left = podman("images", "-q", "--filter", label).split("\n");
      removeImages(left.filter((id) => id !== ""));
      await world?.close();
      await registry?.stop();
      rmSync(context, { recursive: true, force: true });
    }, 60_000);

    test("push and pull by the registry's own digest, and trust only who is named", async () => {
      const name = { image: `${access.host}/shop/api`, tag: "one" };
      const built = await build(name.image, name.tag, "one");
      const push = (how: RegistryAccess): Promise<unknown> =>
        images.push(name, how, (line) => void said.push(line), signal);

      await expect(push({ ...access, ca: null })).rejects.toMatchObject({
        code: "registry_refused",
        message: expect.stringMatching(/does not trust its certificate/) as string,
      });
      const wrong = push({ ...access, login: { username: "ada", password: "other-password" } });
      await expect(wrong).rejects.toMatchObject({
        code: "registry_refused",
        message: expect.stringMatching(/does not accept the username and password$/) as string,
      });
      await push(access);

      const digest = await ociRegistry(access).digestOf("shop/api", "one");
      expect(digest).not.toBeNull();
      const state = await ociRegistry(access).inspect("shop/api", digest ?? "", { deep: true });
      expect(state).toMatchObject({ kind: "whole", configuration: built.digest });

      removeImages([`${name.image}:${name.tag}`]);
      const reference = `${name.image}@${digest}`;
      expect(await ensureImage(world.engine, reference, { ...access, login: null })).toMatch(/could not be taken/);
      const pulls = await Promise.all([1, 2, 3].map(() => ensureImage(world.engine, reference, access)));
      expect(pulls).toEqual([null, null, null]);
      expect(await images.has(built.digest)).toBe(true);
      expect(said.join("\n")).not.toContain(registryLogin.password);
    });

    test("what was built goes when nobody needs it, and nothing else does", async () => {
      const [old, kept] = [await build(null, "old", "old"), await build(null, "kept", "kept")];
      const later = imageBuilder({ engine: world.engine, project: "test", id: context });
      const other = imageBuilder({ engine: world.engine, project: "test", id: "another" });
      expect(await images.prune(new Set())).toBe(0);
      expect(await other.prune(new Set())).toBe(0);
      expect(await later.prune(new Set([kept.digest]))).toBeGreaterThan(0);
      expect([await images.has(old.digest), await images.has(kept.digest)]).toEqual([false, true]);
    });

    test("another platform is built for, though the cache has the same step of this one", async () => {
      const own = await build(null, "own", "platforms");
      const foreign = await build(null, "foreign", "platforms", "linux/s390x");
      expect(foreign.digest).not.toBe(own.digest);
      const words = [
        "image",
        "inspect",
        "--format",
        "{{.Os}}/{{.Architecture}}",
        foreign.digest.slice("sha256:".length),
      ];
      expect(podman(...words).trim()).toBe("linux/s390x");
    });

    test("Buildah alone builds and pushes the same, and says which line is wrong", async () => {
      writeFileSync(join(context, "file"), "alone");
      const alone = buildahBuilder({ program: "buildah", project: "test", id: context });
      const name = { image: `${access.host}/shop/alone`, tag: "one" };
      const what = { service: "api", image: name.image, tag: name.tag, context, args: {}, labels: {}, platform: null };
      const built = await alone.build({ ...what, dockerfile: "Dockerfile" }, (line) => void said.push(line), signal);
      const push = (how: RegistryAccess): Promise<unknown> =>
        alone.push(name, how, (line) => void said.push(line), signal);
      await expect(push({ ...access, login: null })).rejects.toMatchObject({ code: "registry_refused" });
      const digest = await push(access);
      expect(digest).toBe(await ociRegistry(access).digestOf("shop/alone", "one"));
      expect([await alone.has(built.digest), await alone.has(`sha256:${"0".repeat(64)}`)]).toEqual([true, false]);

      writeFileSync(join(context, "Broken"), "FROM scratch\nCOPY file /\nCOPY nothing /\n");
      await expect(alone.build({ ...what, dockerfile: "Broken" }, () => undefined, signal)).rejects.toMatchObject({
        code: "command_failed",
        message: expect.stringMatching(/^Broken:3: the image cannot be built/) as string,
      });
      expect(
        await buildahBuilder({ program: "buildah", project: "test", id: context }).prune(new Set()),
      ).toBeGreaterThan(0);
      expect(said.join("\n")).not.toContain(registryLogin.password);
    });
  },
);
