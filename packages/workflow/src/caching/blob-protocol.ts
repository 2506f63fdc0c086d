import type { IncomingMessage, ServerResponse } from "node:http";
import type { UploadStep } from "./block-uploads.ts";
import type { CacheName } from "./cache-entry.ts";
import { answer, type CacheParts, sendEntry, signedUse, textBody } from "./exchange.ts";

/**
 * As much of Azure's block blobs as the clients of GitHub use: a blob in one piece, or blocks and a list of them; downloads
 * whole or by ranges. https://learn.microsoft.com/rest/api/storageservices/put-block-list
 */
export async function speakBlobs(
  parts: CacheParts,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const signed = signedUse(url, parts.key);
  if (signed === undefined) return answer(response, { code: "forbidden", message: "this address is not valid" }, 403);
  const { use, id } = signed;
  if (use === "download" && (request.method === "GET" || request.method === "HEAD")) {
    const [kind, scope, key, version] = JSON.parse(id) as [CacheName["kind"], string, string, string];
    const entry = parts.store.find({ kind, scope, key, version });
    const type = entry?.facts["type"];
    return sendEntry({ ...parts, request, response }, entry, {
      "x-ms-blob-type": "BlockBlob",
      ...(type === undefined ? {} : { "content-type": type }),
    });
  }
  if (use !== "upload" || request.method !== "PUT")
    return answer(response, { code: "not_found", message: "no such use of a blob" }, 404);
  const step = await upload(parts, request, url, id);
  if ("done" in step) {
    const headers = { "x-ms-request-id": id, "x-ms-request-server-encrypted": "false", etag: `"${id}"` };
    response.writeHead(201, { ...headers, "last-modified": new Date().toUTCString(), "content-length": 0 }).end();
    return;
  }
  request.resume();
  const status = { unknown: 404, "missing-block": 400, "too-large": 413 }[step.refused];
  response.setHeader("x-ms-error-code", step.refused);
  answer(response, { code: step.refused, message: `the upload was refused: ${step.refused}` }, status);
}

async function upload({ uploads }: CacheParts, request: IncomingMessage, url: URL, id: string): Promise<UploadStep> {
  switch (url.searchParams.get("comp")) {
    case "block":
      return uploads.putBlock(id, url.searchParams.get("blockid") ?? "", request);
    case "blocklist": {
      const list = await textBody(request);
      const blocks = [...list.matchAll(/<(?:Latest|Uncommitted)>([^<]*)</g)].map(([, block = ""]) => block);
      return uploads.commit(id, blocks);
    }
    default:
      return uploads.put(id, request);
  }
}
