/** A request and what was answered, as far as it was. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  } | null;
}

/** Headers whose value lets somebody in. */
const secretHeader =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key|.*(?:token|secret|password).*)$/iu;
/** Names of fields and of parameters whose value lets somebody in. */
export const secretKey: RegExp =
  /(?:token|secret|password|passwd|authorization|api[_-]?key|credential|signature|session)/iu;
/** Headers whose value is an address, or has one in it. */
const addressHeader = /^(?:location|content-location|referer|refresh|link|:path)$/iu;
/** What stands where something is hidden. */
export const hidden = "•••";
const longestBody = 2_000;

/** An exchange for people: what lets somebody in is hidden by where it stands, besides what is known to be secret. */
export function exchangeText({ method, url, headers, body, answer }: Exchange): string {
  return [
    `${method} ${hideInUrl(url)}`,
    ...headerLines(headers),
    ...(body === null || body === "" ? [] : ["", bodyText(body)]),
    "",
    ...(answer === null
      ? ["(no answer)"]
      : [
          `HTTP ${answer.status}`,
          ...headerLines(answer.headers),
          ...(answer.body === "" ? [] : ["", bodyText(answer.body)]),
        ]),
  ].join("\n");
}

const headerLines = (headers: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(headers).map(([name, value]) => `${name}: ${hideInHeader(name, value)}`);

/** The value of a header for people: hidden where it lets somebody in, and what does so in an address. */
export const hideInHeader = (name: string, value: string): string =>
  secretHeader.test(name) ? hidden : addressHeader.test(name) ? hideInUrl(value) : value;

/** Passwords and what is named like a secret in the query and behind the `#`, also of an address without its host. */
export function hideInUrl(text: string): string {
  if (!URL.canParse(text)) return hideInPairs(text);
  const url = new URL(text);
  if (url.password !== "") url.password = hidden;
  let found = url.password !== "";
  for (const name of new Set(url.searchParams.keys()))
    if (secretKey.test(name)) {
      url.searchParams.set(name, hidden);
      found = true;
    }
  const hash = hideInPairs(url.hash);
  if (hash !== url.hash) {
    url.hash = hash;
    found = true;
  }
  return found ? url.href.replaceAll(encodeURIComponent(hidden), hidden) : text;
}

const hideInPairs = (text: string): string =>
  text.replaceAll(/(^|[&?#])([^&=?#\s"]{1,100})=([^&#\s"]*)/gu, (whole, before: string, key: string) =>
    secretKey.test(key) ? `${before}${key}=${hidden}` : whole,
  );

function bodyText(text: string): string {
  const hiddenText = text
    .slice(0, 4 * longestBody)
    .replaceAll(/("(?:[^"\\]{0,100})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[\w.-]+)/gu, (whole, key: string) =>
      secretKey.test(key) ? `${key}"${hidden}"` : whole,
    )
    .replaceAll(/(^|[&?])([^&=\s"]{1,100})=([^&\s"]*)/gu, (whole, before: string, key: string) =>
      secretKey.test(key) ? `${before}${key}=${hidden}` : whole,
    );
  return hiddenText.length > longestBody ? `${hiddenText.slice(0, longestBody)}…` : hiddenText;
}
