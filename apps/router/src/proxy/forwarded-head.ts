import type { RequestHead } from "../http1/request-head.ts";

/** The request head as a service gets it. Who asked, by which scheme and host, and the id, are the router's to say. */
export function forwardedHead(
  head: RequestHead,
  target: string,
  clientAddress: string,
  requestId: string,
  scheme: "http" | "https" = "http",
): string {
  let text = `${head.method} ${target} HTTP/1.${head.minor}${head.lines}\r\n`;
  if (head.websocket) text += "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  else if (head.minor === 0) text += "Connection: close\r\n";
  text += `X-Forwarded-For: ${clientAddress}\r\nX-Forwarded-Proto: ${scheme}\r\n`;
  if (head.authority !== "") text += `X-Forwarded-Host: ${head.authority}\r\n`;
  return `${text}X-Request-Id: ${requestId}\r\n\r\n`;
}

/** An address without the IPv6 dress that an IPv4 client wears on a dual-stack socket. */
export const plainAddress = (address: string | undefined): string =>
  address === undefined ? "unknown" : address.startsWith("::ffff:") ? address.slice(7) : address;
