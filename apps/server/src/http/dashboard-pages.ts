import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** A file of the dashboard as it is sent. */
interface Page {
  readonly type: string;
  readonly body: Buffer;
  readonly zipped: Buffer;
  readonly tag: string;
}

/** What answers with the dashboard's page where nothing else is: its addresses are known to the page alone. */
export interface Dashboard {
  /** Adds the files, for anybody: they hold nothing but what everybody's copy of Fairway holds. */
  readonly addTo: (app: FastifyInstance) => void;
  /** Answers a person's browser that asks for one of the page's addresses; false for whatever else asks. */
  readonly takes: (request: FastifyRequest, reply: FastifyReply) => boolean;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Nothing from elsewhere and nothing inline, neither script nor style; nobody else's page may show this one.
 * https://www.w3.org/TR/CSP3/
 */
const securityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-security-policy": securityPolicy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

/** Of an address that belongs to programs: they are told that it is not there, whatever they say that they accept. */
const isForPrograms = (path: string): boolean =>
  /^\/(?:api|auth|hooks|ofrep|flagd|oidc|_apis|metrics|openapi)\b/i.test(path);

/** Any path that RFC 3986 allows: the name of a duty has a `/` of its own, which is written %2F. */
const isPath = /^(?:\/(?:[\w.~@:!$&'()*+,;=-]|%[\da-f]{2})+)+\/?$/i;

/** The dashboard as it was built; undefined where it was not. */
export function openDashboard(folder: string | undefined = builtDashboard()): Dashboard | undefined {
  if (folder === undefined || !existsSync(join(folder, "index.html"))) return undefined;
  // Read when somebody first asks: most daemons are only ever asked by programs.
  const pages = new Map<string, Page>();
  const pageOf = (name: string): Page => {
    const known = pages.get(name) ?? read(folder, name);
    pages.set(name, known);
    return known;
  };
  const sendPage = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply
      .headers(headers)
      .header("cache-control", "no-cache")
      .type(types[".html"] ?? "")
      .send(withBase(pageOf("index.html").body.toString("utf8"), prefixOf(request)));
  const open = { config: { policy: { access: "open" }, operation: "dashboard" } } as const;
  return {
    addTo: (app) => {
      app.get("/", open, async (request, reply) => sendPage(request, reply));
      for (const name of ["load-again.js", "theme.js", "icon.svg"])
        app.get(`/${name}`, open, async (request, reply) => sendFile(request, reply, pageOf(name), "no-cache"));
      for (const name of readdirSync(join(folder, "assets")))
        app.get(`/assets/${name}`, open, async (request, reply) =>
          // Its name says what is in it.
          sendFile(request, reply, pageOf(`assets/${name}`), "public, max-age=31536000, immutable"),
        );
    },
    takes: (request, reply) => {
      const path = request.url.replace(/\?.*$/s, "");
      const isPerson = (request.headers.accept ?? "").includes("text/html");
      if (request.method !== "GET" || !isPerson || isForPrograms(path) || !isPath.test(path)) return false;
      void sendPage(request, reply);
      return true;
    },
  };
}

function builtDashboard(): string | undefined {
  try {
    return dirname(fileURLToPath(import.meta.resolve("@fairway/dashboard/app")));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return undefined; // Installed without it.
    throw thrown;
  }
}

function read(folder: string, name: string): Page {
  const body = readFileSync(join(folder, name));
  return {
    type: types[extname(name)] ?? "application/octet-stream",
    body,
    zipped: gzipSync(body),
    tag: `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`,
  };
}

function sendFile(request: FastifyRequest, reply: FastifyReply, page: Page, cache: string): FastifyReply {
  const zip = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  void reply.headers(headers).header("cache-control", cache).header("etag", page.tag).header("vary", "accept-encoding");
  if (request.headers["if-none-match"] === page.tag) return reply.code(304).send();
  if (zip) void reply.header("content-encoding", "gzip");
  return reply.type(page.type).send(zip ? page.zipped : page.body);
}

/** Under which path a proxy before the daemon has it; nothing where that is no plain path. A page cannot set this header. */
function prefixOf({ headers: { "x-forwarded-prefix": told } }: FastifyRequest): string {
  return typeof told === "string" && /^(?:\/[\w.~-]+)+\/?$/.test(told) ? `${told.replace(/\/$/, "")}/` : "/";
}

/** The page's addresses are relative to its base, so that it works wherever a proxy puts it. */
const withBase = (page: string, prefix: string): string =>
  page.replace('<base href="/" />', `<base href="${prefix}" />`);
