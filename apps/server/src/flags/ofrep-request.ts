import type { IncomingMessage } from "node:http";

/** In bytes; what is known of whoever asks fits many times. */
const longestBody = 64 * 1024;

/** What a flag is asked for, or why it cannot be: a status of HTTP with a code of OpenFeature. */
export type OfrepContext =
  | { readonly ok: true; readonly context: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly status: 400 | 413; readonly errorCode: string; readonly errorDetails: string };

const bad = (errorDetails: string, status: 400 | 413 = 400): OfrepContext => ({
  ok: false,
  status,
  errorCode: "INVALID_CONTEXT",
  errorDetails,
});

/** Reads `{ "context": { … } }`; nothing at all is an empty context. */
export async function readContext(request: IncomingMessage): Promise<OfrepContext> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // One that is broken off is answered all the same.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestBody) return bad(`the request is longer than ${longestBody} bytes`, 413);
    chunks.push(chunk);
  }
  return contextOf(Buffer.concat(chunks).toString("utf8"));
}

/** The context that a body holds. */
export function contextOf(body: string): OfrepContext {
  if (body.trim() === "") return { ok: true, context: {} };
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return bad("the request is no JSON");
  }
  if (!isObject(parsed)) return bad("the request is no object");
  const { context = {} } = parsed;
  if (!isObject(context)) return bad("context is no object");
  const { targetingKey } = context;
  if (targetingKey !== undefined && typeof targetingKey !== "string") return bad("context.targetingKey is no string");
  return { ok: true, context };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The key that a request brings: `Authorization: Bearer …`, `X-API-Key`, or `?key=` where a browser can send no header. */
export function keyOf(request: IncomingMessage, asked: URL): { readonly key: string; readonly inUrl: boolean } | null {
  const bearer = /^bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const header = request.headers["x-api-key"];
  const key = bearer ?? (typeof header === "string" && header !== "" ? header : undefined);
  if (key !== undefined) return { key, inUrl: false };
  const inUrl = asked.searchParams.get("key");
  return inUrl === null ? null : { key: inUrl, inUrl: true };
}
