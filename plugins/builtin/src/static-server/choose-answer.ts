import type { Bundle } from "./bundle.ts";
import type { OutputRoute } from "./vercel-output.ts";

/** What is done about one request, before a byte is read. */
export type Answer =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly cache: "for-ever" | "page";
      readonly type: string | null;
    }
  | {
      readonly kind: "redirect";
      readonly to: string;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: "nothing"; readonly headers: Readonly<Record<string, string>> };

export interface Asked {
  readonly method: string;
  /** Decoded, beginning with a slash. */
  readonly path: string;
}

/** The page that answers for every unknown path of a single-page application; null when there is none. */
export interface BundleOptions {
  readonly fallback: string | null;
}

/** The last part of a name before its ending: `app-4f2a91bc.js`, `chunk.DfX9aQ2b.min.css`. */
const lastPart = /[.-]([A-Za-z0-9_]{8,})\.[a-z0-9.]+$/u;

/**
 * Whether a file's name changes with its bytes, so that it may be kept for ever. Bundlers put a hash there: in hex
 * (webpack, Next.js), or of letters in both cases and digits (Vite, esbuild). What is not surely a hash is taken for a
 * word, which costs a question and never shows anybody what is old.
 */
export function isHashed(path: string): boolean {
  if (path.endsWith(".html")) return false;
  if (path.startsWith("_next/static/")) return true;
  const [, part = ""] = lastPart.exec(path) ?? [];
  const isHex = /^[0-9a-f]+$/u.test(part) && /[0-9]/u.test(part) && /[a-f]/u.test(part);
  return isHex || (/[0-9]/u.test(part) && /[A-Z].*[A-Z]/u.test(part));
}

/** Decides how a bundle answers a request. Pure: the same request always gets the same answer. */
export function chooseAnswer(bundle: Bundle, { fallback }: BundleOptions, asked: Asked): Answer {
  const { output } = bundle;
  const before = applied(output?.before ?? [], asked, {});
  if (before.done) return before.done;
  const found = fileFor(bundle, before.path);
  if (found !== null) return { kind: "file", status: 200, ...found, headers: before.headers };
  const after = applied(output?.after ?? [], { ...asked, path: before.path }, before.headers);
  if (after.done) return after.done;
  const moved = after.path === before.path ? null : fileFor(bundle, after.path);
  if (moved !== null) return { kind: "file", status: 200, ...moved, headers: after.headers };
  // Only pages: a script that is gone must not be answered by a page.
  if (fallback !== null && bundle.files.has(fallback) && !/\.[a-z0-9]{1,8}$/iu.test(asked.path))
    return { kind: "file", status: 200, path: fallback, cache: "page", type: null, headers: after.headers };
  return notFound(bundle, asked, after.headers);
}

function notFound(bundle: Bundle, asked: Asked, headers: Readonly<Record<string, string>>): Answer {
  const error = applied(
    (bundle.output?.error ?? []).filter(({ status }) => status === null || status === 404),
    asked,
    headers,
    false,
  );
  const page = fileFor(bundle, error.path === asked.path ? "/404" : error.path);
  return page === null
    ? { kind: "nothing", headers: error.headers }
    : { kind: "file", ...page, status: 404, cache: "page", headers: error.headers };
}

interface Applied {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly done: Answer | null;
}

function applied(
  routes: readonly OutputRoute[],
  { method, path }: Asked,
  headers: Readonly<Record<string, string>>,
  answers = true,
): Applied {
  let now = { path, headers };
  for (const route of routes) {
    const match = route.source.exec(now.path);
    if (match === null || (route.methods !== null && !route.methods.includes(method))) continue;
    now = { path: now.path, headers: { ...now.headers, ...lowered(route.headers, match) } };
    const { location, ...rest } = now.headers;
    if (answers && route.status !== null && route.status >= 300 && route.status < 400 && location !== undefined)
      return { ...now, done: { kind: "redirect", to: location, status: route.status, headers: rest } };
    if (answers && route.status === 404) return { ...now, done: { kind: "nothing", headers: now.headers } };
    if (route.destination !== null) now = { ...now, path: filled(route.destination, match) };
    if (!route.goesOn) break;
  }
  return { ...now, done: null };
}

const lowered = (headers: Readonly<Record<string, string>>, match: RegExpExecArray): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), filled(value, match)]));

/** `$1` and `$name` by what the pattern found. */
const filled = (text: string, match: RegExpExecArray): string =>
  text.replaceAll(
    /\$(\w+)/gu,
    (_all, name: string) => (/^\d+$/u.test(name) ? match[Number(name)] : match.groups?.[name]) ?? "",
  );

/** The file for a path: itself, its `index.html`, or itself with `.html`. */
function fileFor(
  { files, output }: Bundle,
  path: string,
): { readonly path: string; readonly cache: "for-ever" | "page"; readonly type: string | null } | null {
  const bare = path.replace(/^\/+/u, "").replace(/\/+$/u, "");
  for (const [file, override] of Object.entries(output?.overrides ?? {}))
    if (override.path === bare && files.has(file))
      return { path: file, cache: "page", type: override.contentType ?? null };
  const found = [bare, bare === "" ? "index.html" : `${bare}/index.html`, `${bare}.html`].find((name) =>
    files.has(name),
  );
  if (found === undefined) return null;
  const type = output?.overrides[found]?.contentType ?? null;
  return { path: found, cache: isHashed(found) ? "for-ever" : "page", type };
}
