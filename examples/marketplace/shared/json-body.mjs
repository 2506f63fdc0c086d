import { Problem } from "./problem.mjs";

/** Reads a JSON object from a request, and refuses what is too large, of another kind, or no object. */
export async function readJsonBody(request, limit = 16 * 1024) {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new Problem(415, "unsupported_media_type", "The body must be sent as application/json.");
  }
  // The connection is closed with the refusal: the rest of such a body is not read just to be thrown away.
  const tooLarge = () =>
    new Problem(413, "body_too_large", `The body may have ${limit} bytes.`, { connection: "close" });
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge();

  const chunks = [];
  let size = 0;
  // Leaving the loop must not destroy the request: the refusal still has to go out on its connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  let value;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Problem(400, "bad_json", "The body is not valid JSON.");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Problem(400, "bad_json", "The body must be a JSON object.");
  }
  return value;
}
