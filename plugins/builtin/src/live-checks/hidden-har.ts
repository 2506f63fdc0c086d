import { hidden, hideInHeader, hideInUrl, secretKey } from "./exchange.ts";

interface Named {
  readonly name: string;
  value: string;
}

/** A HAR without what lets somebody in: values of such headers, cookies, secrets in addresses, and what was sent. */
export function hiddenHar(text: string): string {
  const har = JSON.parse(text) as { log: { entries: { request: Part; response: Part }[] } };
  for (const { request, response } of har.log.entries)
    for (const part of [request, response]) {
      for (const header of part.headers) header.value = hideInHeader(header.name, header.value);
      for (const cookie of part.cookies) cookie.value = hidden;
      if (part.url !== undefined) part.url = hideInUrl(part.url);
      if (part.redirectURL !== undefined) part.redirectURL = hideInUrl(part.redirectURL);
      for (const one of part.queryString ?? []) if (secretKey.test(one.name)) one.value = hidden;
      if (part.postData !== undefined) part.postData = { mimeType: part.postData.mimeType, text: hidden };
    }
  return JSON.stringify(har);
}

interface Part {
  url?: string;
  redirectURL?: string;
  readonly headers: readonly Named[];
  readonly cookies: readonly Named[];
  readonly queryString?: readonly Named[];
  postData?: { readonly mimeType?: string | undefined; readonly text?: string };
}
