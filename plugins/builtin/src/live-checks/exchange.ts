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
const secretKey = /(?:token|secret|password|passwd|authorization|api[_-]?key|credential|signature|session)/iu;
const hidden = "•••";
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
  Object.entries(headers).map(([name, value]) => `${name}: ${secretHeader.test(name) ? hidden : value}`);

/** Passwords and what is named like a secret in the query. */
export function hideInUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.password !== "") url.password = hidden;
  let found = url.password !== "";
  for (const name of new Set(url.searchParams.keys()))
    if (secretKey.test(name)) {
      url.searchParams.set(name, hidden);
      found = true;
    }
  return found ? decodeURI(url.href) : text;
}

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
