import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { FairwayError } from "@fairway/core";
import { LineCounter, parseDocument } from "yaml";
import type { Collection, CollectionEvent, CollectionItem, KeyValue } from "./collection-shape.ts";

// The format 3 of Postman 12 is a folder: `*.request.yaml` for each request, folders for folders, and what counts for all of
// a folder in `.resources/definition.yaml`. No package converts it, so it is read here, as far as HTTP goes, into the format
// 2.1 that Postman's own runtime runs: https://learning.postman.com/docs/collections/collections-schemas

type Fields = Readonly<Record<string, unknown>>;

interface Read {
  readonly file: string;
  readonly fields: Fields;
  readonly placeOf: (key: string) => string;
}

const ofRequest = [
  "$kind",
  "$schema",
  "id",
  "name",
  "description",
  "order",
  "method",
  "url",
  "headers",
  "queryParams",
  "pathVariables",
  "body",
  "auth",
  "scripts",
  "examples",
  "settings",
  "variables",
];
const ofDefinition = ["$kind", "$schema", "id", "name", "description", "order", "variables", "auth", "scripts"];

/** Reads a folder of the format 3. Throws `bad_request` with file, line and name of what is not supported. */
export function readCollectionFolder(folder: string): Collection {
  const definition = definitionOf(folder);
  const item = itemsOf(folder);
  if (item.length === 0)
    throw new FairwayError("bad_request", `${folder}: it has no *.request.yaml, so it is no collection of Postman 12`, {
      hint: "name the folder of the collection itself, such as postman/collections/Shop",
    });
  return {
    info: {
      name: nameIn(definition, basename(folder)),
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    item,
    ...(definition === null ? {} : shared(definition)),
    ...(definition === null ? {} : { variable: pairs(definition, "variables") }),
  };
}

function itemsOf(folder: string): readonly CollectionItem[] {
  const found = readdirSync(folder, { withFileTypes: true }).flatMap(
    (entry): readonly { order: number; name: string; item: CollectionItem }[] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name.startsWith(".") || entry.name.endsWith(".resources")) return [];
        const definition = definitionOf(path);
        const item: CollectionItem = {
          name: nameIn(definition, entry.name),
          item: itemsOf(path),
          ...(definition === null ? {} : shared(definition)),
        };
        return [{ order: orderIn(definition), name: entry.name, item }];
      }
      if (!/\.request\.ya?ml$/u.test(entry.name)) return [];
      const read = readYaml(path);
      return [{ order: orderIn(read), name: entry.name, item: requestOf(read) }];
    },
  );
  return found.toSorted((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1)).map(({ item }) => item);
}

function requestOf(read: Read): CollectionItem {
  const { fields, file } = read;
  const kind = fields["$kind"] ?? "http-request";
  if (kind !== "http-request")
    refuse(read, "$kind", `requests of the kind ${nameOf(kind)} are not supported, only http-request`);
  refuseUnknown(read, ofRequest);
  const url = fields["url"];
  if (typeof url !== "string") return refuse(read, "url", "it has no url");
  const query = pairs(read, "queryParams");
  const variable = pairs(read, "pathVariables");
  const method = fields["method"];
  return {
    name: nameIn(read, basename(file).replace(/\.request\.ya?ml$/u, "")),
    request: {
      method: typeof method === "string" ? method : "GET",
      url: query.length + variable.length === 0 ? url : urlWith(url, query, variable),
      header: pairs(read, "headers"),
      ...(fields["body"] === undefined || fields["body"] === null ? {} : { body: bodyOf(read) }),
      ...(fields["auth"] === undefined ? {} : { auth: authOf(read) }),
    },
    event: eventsOf(read),
  };
}

/** As Postman's own parser takes an address apart, so that variables in it stay what they are. */
function urlWith(raw: string, query: readonly KeyValue[], variable: readonly KeyValue[]): object {
  const [path = "", written] = raw.split("?", 2);
  const [, protocol, rest = path] = /^([a-z]+):\/\/(.*)$/iu.exec(path) ?? [];
  const [host = "", ...segments] = rest.split("/");
  const given = new Set(query.map(({ key }) => key));
  const inText = (written ?? "")
    .split("&")
    .filter((one) => one !== "")
    .map((one) => ({ key: one.split("=")[0] ?? "", value: one.split("=").slice(1).join("=") }))
    .filter(({ key }) => !given.has(key));
  return {
    raw,
    ...(protocol === undefined ? {} : { protocol }),
    host: [host],
    path: segments,
    query: [...inText, ...query],
    variable,
  };
}

/** What counts for all of a folder. */
function shared(definition: Read): Pick<Collection, "auth" | "event"> {
  return {
    ...(definition.fields["auth"] === undefined ? {} : { auth: authOf(definition) }),
    event: eventsOf(definition),
  };
}

function definitionOf(folder: string): Read | null {
  for (const file of [join(folder, ".resources", "definition.yaml"), join(folder, "definition.yaml")]) {
    const read = readYaml(file, true);
    if (read === null) continue;
    refuseUnknown(read, ofDefinition);
    return read;
  }
  return null;
}

const modes: Readonly<Record<string, string>> = {
  json: "json",
  xml: "xml",
  html: "html",
  text: "text",
  javascript: "javascript",
};

function bodyOf(read: Read): object | undefined {
  const body = read.fields["body"];
  if (typeof body !== "object" || body === null) return refuse(read, "body", "its body has no type and content");
  const { type, content } = body as Fields;
  const language = modes[nameOf(type)];
  if (language !== undefined || type === "raw")
    return {
      mode: "raw",
      raw: typeof content === "string" ? content : JSON.stringify(content ?? "", null, 2),
      options: { raw: { language: language ?? "text" } },
    };
  if (type === "none" || type === undefined) return undefined;
  if (type === "urlencoded" || type === "formdata")
    return { mode: type, [type]: Array.isArray(content) ? content.map(asPair) : pairsOf(content) };
  if (type === "graphql") return { mode: "graphql", graphql: content };
  if (type === "file" || type === "binary")
    return { mode: "file", file: typeof content === "string" ? { src: content } : content };
  return refuse(read, "body", `bodies of the type ${nameOf(type)} are not supported`);
}

const authTypes = new Set([
  "noauth",
  "basic",
  "bearer",
  "apikey",
  "digest",
  "hawk",
  "oauth1",
  "awsv4",
  "ntlm",
  "jwt",
  "edgegrid",
]);

function authOf(read: Read): object | undefined {
  const auth = read.fields["auth"];
  if (typeof auth !== "object" || auth === null) return undefined;
  const { type, credentials, ...more } = auth as Fields;
  if (type === "inherit" || type === undefined) return undefined;
  if (!authTypes.has(nameOf(type))) return refuse(read, "auth", `the authorization ${nameOf(type)} is not supported`);
  const given = Array.isArray(credentials)
    ? credentials.map(asPair)
    : pairsOf(credentials ?? more[nameOf(type)] ?? more);
  return { type, [nameOf(type)]: given.map(({ key, value }) => ({ key, value, type: "any" })) };
}

function eventsOf(read: Read): readonly CollectionEvent[] {
  const scripts = read.fields["scripts"];
  if (scripts === undefined || scripts === null) return [];
  if (!Array.isArray(scripts)) return refuse(read, "scripts", "its scripts are no list");
  return scripts.map((each): CollectionEvent => {
    const { type, code, language = "text/javascript" } = each as Fields;
    const when = nameOf(type).replace(/^http:/u, "");
    if (when !== "beforeRequest" && when !== "afterResponse")
      return refuse(
        read,
        "scripts",
        `scripts of the type ${nameOf(type)} are not supported, only beforeRequest and afterResponse`,
      );
    if (language !== "text/javascript")
      return refuse(read, "scripts", `scripts in ${nameOf(language)} are not supported`);
    if (typeof code !== "string") return refuse(read, "scripts", "a script has no code");
    return {
      listen: when === "beforeRequest" ? "prerequest" : "test",
      script: { type: "text/javascript", exec: code.split("\n") },
    };
  });
}

/** A list of keys and values, or an object of them: both are written. */
function pairs(read: Read, key: string): readonly KeyValue[] {
  const value = read.fields[key];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(asPair);
  return typeof value === "object" ? pairsOf(value) : refuse(read, key, `its ${key} are neither a list nor an object`);
}
const pairsOf = (value: unknown): readonly KeyValue[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).map(([key, one]) => ({ key, value: plain(one) }))
    : [];
const asPair = (each: unknown): KeyValue => {
  const { enabled, ...pair } = each as KeyValue & { readonly enabled?: boolean };
  return { ...pair, value: plain(pair.value), ...(enabled === false ? { disabled: true } : {}) };
};
const plain = (value: unknown): unknown =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : (value ?? "");

/** What a person wrote as a kind or a type, for what is said of it. */
const nameOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const nameIn = (read: Read | null, otherwise: string): string => {
  const name = read?.fields["name"];
  return typeof name === "string" ? name : otherwise;
};
const orderIn = (read: Read | null): number => {
  const order = Number(read?.fields["order"]);
  return Number.isFinite(order) ? order : Number.MAX_SAFE_INTEGER;
};

function refuseUnknown(read: Read, known: readonly string[]): void {
  for (const key of Object.keys(read.fields)) if (!known.includes(key)) refuse(read, key, `"${key}" is not supported`);
}

function refuse(read: Read, key: string, why: string): never {
  throw new FairwayError("bad_request", `${read.placeOf(key)}: ${why}`, {
    hint: "take it out, or export the collection as Collection v2.1",
  });
}

function readYaml(file: string): Read;
function readYaml(file: string, mayBeAbsent: true): Read | null;
function readYaml(file: string, mayBeAbsent = false): Read | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    if (mayBeAbsent) return null;
    throw thrown;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new FairwayError(
      "bad_request",
      `${file}:${line}:${col}: it is no YAML: ${problem.message.split("\n")[0] ?? ""}`,
    );
  }
  const fields = document.toJS({ maxAliasCount: 100 }) as unknown;
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    throw new FairwayError("bad_request", `${file}:1:1: it is no object of keys`);
  return {
    file,
    fields: fields as Fields,
    placeOf(key) {
      const range = (document.get(key, true) as { readonly range?: readonly number[] } | undefined)?.range;
      const { line, col } = lines.linePos(range?.[0] ?? 0);
      return `${file}:${line}:${col}`;
    },
  };
}
