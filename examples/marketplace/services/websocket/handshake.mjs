import { createHash } from "node:crypto";

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const has = (header, token) =>
  (header ?? "")
    .toLowerCase()
    .split(",")
    .some((part) => part.trim() === token);

/** The bytes that answer a request to upgrade: `accepted` says whether the connection is a WebSocket from here on. */
export function answerHandshake({ method, headers }) {
  const key = headers["sec-websocket-key"] ?? "";
  const asks = method === "GET" && has(headers.upgrade, "websocket") && has(headers.connection, "upgrade");
  if (!asks || Buffer.from(key, "base64").length !== 16) return refusal("400 Bad Request");
  if (headers["sec-websocket-version"] !== "13")
    return refusal("426 Upgrade Required", "sec-websocket-version: 13\r\n");
  const accept = createHash("sha1")
    .update(key + guid)
    .digest("base64");
  return {
    accepted: true,
    bytes: `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  };
}

export const refusal = (status, more = "") => ({
  accepted: false,
  bytes: `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n${more}\r\n`,
});
