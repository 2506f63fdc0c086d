import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * Sends an answer with a tag by which whoever has it already is told so without it. The work is done all the same; what is
 * saved is the way, and a page's work with what it knows. Kept copies are asked for again each time, by whoever may see them
 * then.
 */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, answer: unknown): FastifyReply {
  const text = JSON.stringify(answer);
  const tag = `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
  void reply.header("etag", tag).header("cache-control", "private, no-cache").header("vary", "authorization, cookie");
  if (has(request.headers["if-none-match"], tag)) return reply.code(304).send();
  return reply.type("application/json; charset=utf-8").send(text);
}

/** Whether one of the tags that a reader brings is this one, weak or strong. */
function has(brought: string | undefined, tag: string): boolean {
  const plain = (one: string): string => one.trim().replace(/^W\//, "");
  return brought !== undefined && brought.split(",").some((one) => plain(one) === plain(tag));
}
