import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import send from "@fastify/send";
import type { Answer } from "./choose-answer.ts";
import { chooseAnswer } from "./choose-answer.ts";
import type { Bundle } from "./bundle.ts";
import { tagsOf } from "./bundle.ts";

export interface StaticServerOptions {
  readonly fallback: string | null;
  /** Asked by the router; answered without looking at a file. */
  readonly healthPath: string;
  /** Where files with hashed names of earlier releases are; null when they are not kept. */
  readonly shared: string | null;
}

/** For a year, the longest that HTTP caches heed (RFC 9111 sets no limit; the practice is a year). */
const forEver = "public, max-age=31536000, immutable";
/** A page is asked for again each time, but one that was seen may be shown meanwhile (RFC 5861). */
const page = "public, max-age=0, stale-while-revalidate=60";
/** The forms that build tools leave beside a file, the smallest first. */
const encodings = [
  { name: "br", ending: ".br" },
  { name: "gzip", ending: ".gz" },
] as const;

/** Answers requests from a bundle. */
export function staticServer(bundle: Bundle, options: StaticServerOptions): RequestListener {
  const own = { root: bundle.root, tag: tagsOf(bundle.root) };
  const earlier = options.shared === null ? null : { root: options.shared, tag: tagsOf(options.shared) };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodedPath(request.url ?? "/");
    if (path === options.healthPath) return brief(response, 200, "ok\n", { "cache-control": "no-store" });
    if (request.method !== "GET" && request.method !== "HEAD")
      return brief(response, 405, "only GET and HEAD\n", { allow: "GET, HEAD" });
    if (path === null) return brief(response, 400, "the path cannot be read\n", {});
    const chosen = chooseAnswer(bundle, options, { method: request.method, path });
    switch (chosen.kind) {
      case "redirect":
        return brief(response, chosen.status, "", { ...chosen.headers, location: chosen.to });
      case "file":
        return sendFile(request, response, own, chosen, bundle.files);
      case "nothing": {
        const asset = {
          kind: "file",
          status: 200,
          cache: "for-ever",
          type: null,
          headers: {},
          path: path.slice(1),
        } as const;
        if (earlier !== null && (await sendShared(request, response, earlier, asset))) return;
        return brief(response, 404, "not found\n", { ...chosen.headers, "cache-control": "no-store" });
      }
    }
  }

  return (request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      // The caller went away in the middle, or the disk failed; either way this answer cannot be completed.
      process.stderr.write(`${request.method} ${request.url}: ${String(thrown)}\n`);
      if (response.headersSent) response.destroy();
      else brief(response, 500, "the file could not be read\n", { "cache-control": "no-store" });
    });
  };
}

interface Files {
  readonly root: string;
  readonly tag: (path: string) => Promise<string>;
}

type FileAnswer = Extract<Answer, { kind: "file" }>;

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { root, tag }: Files,
  { path, status, cache, type, headers }: FileAnswer,
  files: ReadonlySet<string>,
): Promise<void> {
  const accepted = String(request.headers["accept-encoding"] ?? "");
  const encoding = encodings.find(({ name, ending }) => takes(accepted, name) && files.has(path + ending));
  const etag = await tag(path + (encoding?.ending ?? ""));
  const common = {
    "cache-control": cache === "for-ever" ? forEver : page,
    ...headers,
    etag,
    "x-content-type-options": "nosniff",
    ...(encodings.some(({ ending }) => files.has(path + ending)) ? { vary: "accept-encoding" } : {}),
  };
  if (status === 200 && isKnown(request.headers["if-none-match"], etag)) {
    response.writeHead(304, common).end();
    return;
  }
  // Ranges are for whole files as they are; what was compressed or is not found is sent whole.
  const acceptRanges = encoding === undefined && status === 200;
  const found = await send(request, encodeURIComponent(path + (encoding?.ending ?? "")).replaceAll("%2F", "/"), {
    root,
    etag: false,
    lastModified: false,
    contentType: false,
    cacheControl: false,
    acceptRanges,
    dotfiles: "allow",
  });
  response.writeHead(found.statusCode === 200 ? status : found.statusCode, {
    ...found.headers,
    ...common,
    "content-type": type ?? typeOf(path),
    ...(encoding === undefined ? {} : { "content-encoding": encoding.name }),
  });
  if (request.method === "HEAD") {
    found.stream.destroy();
    response.end();
    return;
  }
  await pipeline(found.stream, response);
}

/** A file of an earlier release; false when there is none. Only names that were shared on purpose can be there. */
async function sendShared(
  request: IncomingMessage,
  response: ServerResponse,
  files: Files,
  answer: FileAnswer,
): Promise<boolean> {
  if (answer.path.split("/").some((part) => part === "" || part.startsWith("."))) return false;
  try {
    await files.tag(answer.path);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR" || code === "ENAMETOOLONG") return false;
    throw thrown;
  }
  await sendFile(request, response, files, answer, new Set());
  return true;
}

function brief(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" }).end(body);
}

/** The path without its query, decoded; null when it is no path or tries to leave. */
function decodedPath(url: string): string | null {
  const [path = "/"] = url.split("?", 1);
  try {
    const decoded = decodeURIComponent(path);
    return decoded.startsWith("/") && !decoded.includes("\0") && !decoded.split("/").includes("..") ? decoded : null;
  } catch {
    return null; // Not UTF-8 behind its percent signs.
  }
}

const takes = (accepted: string, encoding: string): boolean =>
  accepted.split(",").some((one) => {
    const [name, ...parameters] = one.split(";").map((part) => part.trim());
    return name === encoding && !parameters.some((part) => /^q=0(?:\.0*)?$/u.test(part));
  });

const isKnown = (asked: string | undefined, etag: string): boolean =>
  (asked ?? "").split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//u, "") === etag);

function typeOf(path: string): string {
  const type = send.mime.getType(join("/", path));
  if (type === null) return "application/octet-stream";
  return send.isUtf8MimeType(type) ? `${type}; charset=utf-8` : type;
}
