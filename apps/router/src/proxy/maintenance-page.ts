import type { Maintenance } from "@fairway/core";
import type { RequestHead } from "../http1/request-head.ts";
import type { OwnReply } from "./own-answers.ts";

/** What users get while a route is under maintenance: a page for those who want one, JSON for programs. */
export function maintenanceReply({ message, retryAfter = 60 }: Maintenance, { lines }: RequestHead): OwnReply {
  const accept = /\r\naccept:[ \t]*([^\r]*)/i.exec(lines)?.[1] ?? "";
  const html = /\btext\/html\b/i.test(accept) ? { html: page(message) } : {};
  return { status: 503, message, retryAfter, ...html };
}

const page = (message: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Under maintenance</title>
<style>
  :root { color-scheme: light dark }
  body { display: grid; place-content: center; min-height: 90vh; margin: 1rem; font: 1.1rem/1.5 system-ui, sans-serif }
  main { max-width: 36rem }
</style>
<main>
  <h1>Under maintenance</h1>
  <p>${escaped(message)}</p>
</main>
</html>
`;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? "");
