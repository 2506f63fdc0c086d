import { describe, expect, test } from "vitest";
import type { EngineAddress } from "./engine-address.ts";
import { buildahProgram, engineAddress } from "./engine-address.ts";

const address = (words: string, env: Record<string, string>, ...files: readonly string[]): EngineAddress =>
  engineAddress(words, { env, exists: (path) => files.includes(path) });

describe("the address of a container engine", () => {
  test("is what was told, as a path or as Docker writes it", () => {
    expect(address("/run/x.sock", {})).toEqual({ kind: "socket", path: "/run/x.sock" });
    expect(address("unix:///run/x.sock", {})).toEqual({ kind: "socket", path: "/run/x.sock" });
  });

  test("is looked for: what DOCKER_HOST says, then usual sockets, then Podman's program", () => {
    const env = { PATH: "/bin:/usr/bin" };
    const files = ["/usr/bin/podman", "/run/podman/podman.sock", "/run/docker.sock"];
    const at = (path: string): EngineAddress => ({ kind: "socket", path });
    expect(address("auto", { ...env, DOCKER_HOST: "unix:///mine" }, ...files)).toEqual(at("/mine"));
    expect(address("auto", env, ...files)).toEqual(at("/run/docker.sock"));
    expect(address("auto", env, ...files.slice(0, 2))).toEqual(at("/run/podman/podman.sock"));
    expect(address("auto", env, ...files.slice(0, 1))).toEqual({ kind: "podman", program: "/usr/bin/podman" });
    expect(address("auto", { XDG_RUNTIME_DIR: "/run/user/7" }, "/run/user/7/podman/podman.sock")).toEqual(
      at("/run/user/7/podman/podman.sock"),
    );
  });

  test("is none where Buildah alone is there, which builds and runs nothing", () => {
    const program = (words: string, ...files: readonly string[]): string | null =>
      buildahProgram(words, { env: { PATH: "/usr/bin" }, exists: (path) => files.includes(path) });
    expect(program("auto", "/usr/bin/buildah")).toBe("/usr/bin/buildah");
    expect(program("auto", "/usr/bin/buildah", "/usr/bin/podman")).toBeNull();
    expect(program("buildah", "/usr/bin/buildah", "/usr/bin/podman")).toBe("/usr/bin/buildah");
    expect(program("podman", "/usr/bin/buildah")).toBeNull();
    expect(() => program("buildah")).toThrow(expect.objectContaining({ code: "bad_request" }));
  });

  test("that is of another machine, or of none, is refused with what to do", () => {
    const hint = expect.stringContaining("install Podman or Docker") as string;
    const refused = { code: "bad_request", hint };
    for (const words of ["auto", "podman", "tcp://10.0.0.7:2375", ""])
      expect(() => address(words, { PATH: "/bin" })).toThrow(expect.objectContaining(refused));
  });
});
