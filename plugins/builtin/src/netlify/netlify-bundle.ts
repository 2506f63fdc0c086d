import { createHash } from "node:crypto";
import type { BundleFile } from "../hosted/bundle-files.ts";
import { bundleFiles } from "../hosted/bundle-files.ts";
import type { Json } from "../hosted/platform-api.ts";
import { listOf, numberOf, recordOf, textOf } from "../hosted/platform-api.ts";

/** A function as `netlify build` leaves it: one zip archive. */
export interface NetlifyFunction {
  readonly name: string;
  /** SHA-256 of the archive; Netlify knows functions by that. */
  readonly sha: string;
  readonly size: number;
  /** `js`, `go`, or a version such as `nodejs22.x`. */
  readonly runtime: string;
  /** What the build's manifest says of it; empty where there is none. */
  readonly told: Json;
  read(): Promise<Uint8Array>;
}

/** What a release gives Netlify: files that everybody may read, and functions. */
export interface NetlifyBundle {
  readonly files: readonly BundleFile[];
  readonly functions: readonly NetlifyFunction[];
}

const archives = /^\.netlify\/functions\/([\w-]{1,100})\.zip$/u;
const manifestFile = ".netlify/functions/manifest.json";

// What stands for code and is no archive of a function: served as a file everybody would read it, and nothing would run it.
const unbundled: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:netlify\/functions|\.netlify\/functions-internal)\//u,
    "has functions that nobody bundled: `netlify build` leaves them as archives in .netlify/functions; take their sources out of the `output`",
  ],
  [/^(?:\.netlify|netlify)\/edge-functions(?:-|\/)/u, "has edge functions, which Fairway does not bring to Netlify"],
  [/^\.netlify\/blobs\//u, "has blobs of a deploy, which Fairway does not bring to Netlify"],
];

/** Reads what a release's build left, or says why that would not be on Netlify what it is meant to be. */
export async function netlifyBundle(directory: string): Promise<NetlifyBundle | { readonly refused: string }> {
  const all = await bundleFiles(directory);
  for (const [form, why] of unbundled) {
    const found = all.find(({ path }) => form.test(path));
    if (found !== undefined) return { refused: `it ${why} (${found.path})` };
  }
  const manifest = all.find(({ path }) => path === manifestFile);
  const told = manifest === undefined ? [] : toldIn(Buffer.from(await manifest.read()).toString("utf8"));
  if (told === undefined) return { refused: `its ${manifestFile} is no JSON: build it again` };
  const functions: NetlifyFunction[] = [];
  for (const file of all) {
    const [, name] = archives.exec(file.path) ?? [];
    if (name === undefined) continue;
    const about = told.find((one) => one["name"] === name) ?? {};
    functions.push({
      name,
      sha: createHash("sha256")
        .update(await file.read())
        .digest("hex"),
      size: file.size,
      runtime: textOf(about["runtimeVersion"]) ?? textOf(about["runtime"]) ?? "js",
      told: about,
      read: () => file.read(),
    });
  }
  const lost = told.find(({ name }) => !functions.some((one) => one.name === name));
  if (lost !== undefined)
    return { refused: `its ${manifestFile} names ${String(lost["name"])}, whose archive is not beside it` };
  return { files: all.filter(({ path }) => !path.startsWith(".netlify/")), functions };
}

function toldIn(text: string): readonly Json[] | undefined {
  try {
    return listOf(recordOf(JSON.parse(text))["functions"]).map(recordOf);
  } catch {
    // Who asked says which file it is.
    return undefined;
  }
}

/** What the request for a deploy says of its functions; nothing where there are none. */
export function askedOf(functions: readonly NetlifyFunction[], env: Readonly<Record<string, string>>): Json {
  if (functions.length === 0) return {};
  const schedules = functions.flatMap(({ name, told }) => {
    const cron = textOf(told["schedule"]);
    return cron === undefined ? [] : [{ name, cron }];
  });
  return {
    functions: Object.fromEntries(functions.map(({ name, sha }) => [name, sha])),
    functions_config: Object.fromEntries(functions.map(({ name, told }) => [name, configOf(told)])),
    ...(schedules.length === 0 ? {} : { function_schedules: schedules }),
    environment: Object.entries(env).map(([key, value]) => ({
      key,
      value,
      scopes: ["functions"],
      // A value that nobody may read again harms nobody; which of them are secrets is not known here.
      is_secret: !/^(?:GIT_SHA$|FAIRWAY_)/u.test(key),
    })),
  };
}

/** How the API names what the manifest says (`netlify-cli`, utils/deploy/hash-fns). */
function configOf(told: Json): Json {
  const routes = (key: string): readonly Json[] | undefined =>
    Array.isArray(told[key])
      ? listOf(told[key])
          .map(recordOf)
          .map(({ pattern, literal, expression, methods, preferStatic }) =>
            present({ pattern, literal, expression, methods, prefer_static: preferStatic }),
          )
      : undefined;
  return present({
    display_name: textOf(told["displayName"]),
    generator: textOf(told["generator"]),
    priority: numberOf(told["priority"]),
    build_data: told["buildData"],
    routes: routes("routes"),
    excluded_routes: routes("excludedRoutes"),
    traffic_rules: trafficRulesOf(recordOf(told["trafficRules"])),
  });
}

function trafficRulesOf({ action }: Json): Json | undefined {
  const { type, config } = recordOf(action);
  if (typeof type !== "string") return undefined;
  const { to, rateLimitConfig, aggregate } = recordOf(config);
  const { algorithm, windowSize, windowLimit } = recordOf(rateLimitConfig);
  const limit = present({ algorithm, window_size: windowSize, window_limit: windowLimit });
  const rate = Object.keys(limit).length === 0 ? undefined : limit;
  return { action: { type, config: present({ to, rate_limit_config: rate, aggregate }) } };
}

/** Without what is not there: `undefined` and null say nothing. */
const present = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
