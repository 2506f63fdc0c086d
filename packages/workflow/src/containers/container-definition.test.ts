import { describe, expect, test } from "vitest";
import { containerDefinition } from "./container-definition.ts";
import { plainSettings } from "./docker-options.ts";

const plain = { env: {}, ports: [], mounts: [], login: null, settings: plainSettings };

describe("a container of a workflow", () => {
  test("is an image, or a mapping with one; an empty image is none", () => {
    expect(containerDefinition("node:20")).toEqual({ ...plain, image: "node:20" });
    expect(containerDefinition({ image: "docker://node:20" })).toEqual({ ...plain, image: "node:20" });
    expect(containerDefinition("")).toBeNull();
    expect(containerDefinition({ image: "", env: { A: 1 } })).toBeNull();
  });

  test("has variables, ports, volumes, a login, and what its options say", () => {
    const definition = containerDefinition({
      image: "postgres",
      env: { PORT: 5432, EMPTY: null },
      ports: [5432, "8080:80", "53:53/udp"],
      volumes: ["/a:/b"],
      options: "--env MORE=yes",
      credentials: { username: "me", password: "geheim" },
    });
    expect(definition).toEqual({
      image: "postgres",
      env: { MORE: "yes", PORT: "5432", EMPTY: "" },
      ports: [
        { host: null, container: 5432, protocol: "tcp" },
        { host: 8080, container: 80, protocol: "tcp" },
        { host: 53, container: 53, protocol: "udp" },
      ],
      mounts: [{ from: "/a", to: "/b", readOnly: false }],
      login: { username: "me", password: "geheim" },
      settings: plainSettings,
    });
  });

  test("that cannot be read is refused with what is wrong", () => {
    expect(() => containerDefinition(["a"])).toThrow("it is neither an image nor a mapping with one");
    expect(() => containerDefinition({ image: "a", port: 1 })).toThrow('it has no "port"; known are image, env');
    expect(() => containerDefinition({ image: "a", ports: ["1-2"] })).toThrow('the port "1-2"');
    expect(() => containerDefinition({ image: "a", ports: [70_000] })).toThrow('the port "70000"');
    expect(() => containerDefinition({ image: "a", env: ["x"] })).toThrow("its env is no mapping");
    expect(() => containerDefinition({ image: { a: "b" } })).toThrow("a text is wanted");
    expect(() => containerDefinition({ image: "a", credentials: { username: "me", password: "" } })).toThrow(
      "its credentials lack the username or the password",
    );
  });
});
