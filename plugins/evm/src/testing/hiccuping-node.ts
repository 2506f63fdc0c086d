import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of a question: it is passed on, refused as too many, said to have no answer, or to take little gas. */
type Hiccup = "pass" | "too many" | "null" | "little gas";

/** A node whose address holds a key, and which fails when a test wants it to. */
export interface HiccupingNode {
  readonly url: string;
  /** Decides about each question; everything is passed on at first. */
  decide: (method: string) => Hiccup;
  close(): Promise<void>;
}

/** Starts one before another node. */
export async function hiccupingNode(behind: string, key: string): Promise<HiccupingNode> {
  const server = createServer((asked, answered) => {
    const parts: Buffer[] = [];
    asked.on("data", (part: Buffer) => parts.push(part));
    asked.on("end", () => {
      const body = String(Buffer.concat(parts));
      const { id, method } = JSON.parse(body) as { readonly id: number; readonly method: string };
      answered.setHeader("content-type", "application/json");
      switch (node.decide(method)) {
        case "too many":
          return void answered.writeHead(429).end("{}");
        case "null":
          return void answered.end(JSON.stringify({ jsonrpc: "2.0", id, result: null }));
        case "little gas":
          return void answered.end(JSON.stringify({ jsonrpc: "2.0", id, result: "0x4e200" }));
        case "pass":
          return void fetch(behind, { method: "POST", body, headers: { "content-type": "application/json" } })
            .then((answer) => answer.text())
            .then(
              (text) => answered.end(text),
              () => answered.destroy(),
            );
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const node: HiccupingNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/${key}`,
    decide: () => "pass",
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return node;
}
