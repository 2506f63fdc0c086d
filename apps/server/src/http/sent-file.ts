import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";

/** A file that is sent to be kept, and never shown as a page. */
export interface SentFile {
  readonly name: string;
  /** A media type. */
  readonly type: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Sends a file piece by piece, as the reader takes it; browsers keep it, whatever is in it. */
export const sendFile = (reply: FastifyReply, { name, type, body }: SentFile): FastifyReply =>
  reply
    .header("content-disposition", dispositionOf(name))
    .header("content-security-policy", "sandbox; default-src 'none'")
    .header("x-content-type-options", "nosniff")
    .header("cache-control", "no-store")
    .type(type)
    .send(Readable.from(body));

/** Both forms of RFC 6266: what every client reads, and the name as it is. */
export function dispositionOf(name: string): string {
  const plain = name.replaceAll(/[^\w .-]/g, "_");
  const exact = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
