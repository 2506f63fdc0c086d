import type { ContainerMount, ContainerSettings, PublishedPort, RegistryLogin } from "@fairway/core";
import type { JsonObject, JsonValue } from "../model/json.ts";
import { dockerOptions, mountOf } from "./docker-options.ts";

/** A container as a workflow asks for it, with every expression computed. */
export interface ContainerDefinition {
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly PublishedPort[];
  readonly mounts: readonly ContainerMount[];
  readonly login: RegistryLogin | null;
  readonly settings: ContainerSettings;
}

const keys = ["image", "env", "ports", "volumes", "options", "credentials"];

/**
 * Reads the value of `container:`, or of one service; null when its image is empty, which is how a workflow leaves one out
 * by an expression. Throws a sentence for what it cannot be.
 */
export function containerDefinition(value: JsonValue): ContainerDefinition | null {
  if (typeof value === "string") return containerDefinition({ image: value });
  if (value === null) return null;
  if (!isMapping(value)) throw new TypeError("it is neither an image nor a mapping with one");
  const unknown = Object.keys(value).filter((key) => !keys.includes(key));
  if (unknown.length > 0) throw new TypeError(`it has no "${unknown.join('", "')}"; known are ${keys.join(", ")}`);
  const image = textOf(value["image"]).replace(/^docker:\/\//, "");
  if (image === "") return null;
  const options = dockerOptions(textOf(value["options"]));
  return {
    image,
    env: { ...options.env, ...textsOf(value["env"]) },
    ports: listOf(value["ports"]).map(portOf),
    mounts: [...listOf(value["volumes"]).map(mountOf), ...options.mounts],
    login: loginOf(value["credentials"]),
    settings: options.settings,
  };
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
const isMapping = (value: JsonValue): value is JsonObject =>
  typeof value === "object" && value !== null && !isList(value);

function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") throw new TypeError("a text is wanted where there is a list or a mapping");
  return String(value);
}

function listOf(value: JsonValue | undefined): readonly string[] {
  if (value === undefined || value === null || value === "") return [];
  return isList(value) ? value.map(textOf) : [textOf(value)];
}

function textsOf(value: JsonValue | undefined): Readonly<Record<string, string>> {
  if (value === undefined || value === null || value === "") return {};
  if (!isMapping(value)) throw new TypeError("its env is no mapping");
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, textOf(text)]));
}

/** `80`, `8080:80`, either with `/udp`. */
function portOf(text: string): PublishedPort {
  const [, host, container = "", protocol = "tcp"] = /^(?:(\d+):)?(\d+)(?:\/(tcp|udp))?$/.exec(text) ?? [];
  const port = Number(container);
  if (container === "" || port < 1 || port > 65_535 || Number(host ?? 1) > 65_535)
    throw new TypeError(`the port "${text}" is not written as 80 or 8080:80`);
  return {
    container: port,
    protocol: protocol === "udp" ? "udp" : "tcp",
    host: host === undefined ? null : Number(host),
  };
}

/** As on GitHub, a login that a secret leaves empty is none at all only when both are. */
function loginOf(value: JsonValue | undefined): RegistryLogin | null {
  const { username = "", password = "" } = textsOf(value);
  if (username === "" && password === "") return null;
  if (username === "" || password === "") throw new TypeError("its credentials lack the username or the password");
  return { username, password };
}
