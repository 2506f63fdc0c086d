/**
 * Values shorter than this are not masked: they would hit so many innocent words that the log is lost and the secret is
 * given away by its holes. The same rule holds for each line of a value of several lines.
 */
const shortestMasked = 4;

/** Columns at which `base64` and `openssl base64` break their lines. */
const wrapColumns = [76, 64];

/** Every spelling in which these secrets are looked for in a log: as they are, line by line, and as tools encode them. */
export function secretForms(secrets: readonly string[]): readonly string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    const whole = secret.trim();
    for (const value of [whole, ...whole.split(/[\r\n]+/).map((line) => line.trim())]) {
      if (value.length < shortestMasked) continue;
      for (const form of formsOf(value)) if (form.length >= shortestMasked) forms.add(form);
    }
  }
  return [...forms];
}

function* formsOf(value: string): Generator<string> {
  yield value;
  yield* base64Forms(value);
  for (const encoded of urlForms(value)) {
    yield encoded;
    yield encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  }
  yield* jsonForms(value);
  yield* shellForms(value);
  yield* xmlForms(value);
  yield* powerShellForms(value);
  // A value in quotes is often used without them.
  const [quote] = value;
  if (value.length > 8 && (quote === '"' || quote === "'") && value.endsWith(quote)) yield value.slice(1, -1);
}

/**
 * A secret inside a longer encoded text starts at one of three alignments, and the characters at its two ends also
 * depend on what stands around it. So each alignment gives the characters that depend on the secret alone.
 */
function* base64Forms(value: string): Generator<string> {
  const bytes = Buffer.from(value);
  const whole = bytes.toString("base64");
  const found = [whole, whole.replace(/=+$/, "")];
  for (const skipped of [0, 1, 2]) {
    const rest = bytes.subarray(skipped);
    const encoded = rest.toString("base64").replace(/=+$/, "");
    const certain = rest.length % 3 === 0 ? encoded : encoded.slice(0, -1);
    // Fewer than six characters carry less than four bytes, which is below what is masked in the plain.
    if (certain.length >= 6) found.push(certain);
  }
  for (const columns of wrapColumns) {
    if (whole.length <= columns) continue;
    for (let at = 0; at < whole.length; at += columns) {
      const line = whole.slice(at, at + columns);
      if (line.length >= 8) found.push(line);
    }
  }
  for (const form of found) {
    yield form;
    yield form.replaceAll("+", "-").replaceAll("/", "_");
  }
}

function urlForms(value: string): readonly string[] {
  const component = encodeURIComponent(Buffer.from(value).toString());
  const strict = component.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return [component, strict, strict.replaceAll("%20", "+"), strict.replaceAll("%2F", "/")];
}

function jsonForms(value: string): readonly string[] {
  const inner = (text: string): string => JSON.stringify(text).slice(1, -1);
  const once = inner(value);
  const ascii = once.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [once, once.replaceAll("/", "\\/"), ascii, inner(once)];
}

function shellForms(value: string): readonly string[] {
  const ansi = value.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return [
    value.replaceAll("'", `'\\''`),
    value.replaceAll("'", `'"'"'`),
    value.replace(/["$`\\]/g, "\\$&"),
    value.replace(/[^\w@%+=:,./\u0080-\uffff-]/g, "\\$&"),
    ansi,
  ];
}

function xmlForms(value: string): readonly string[] {
  const text = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quoted = text.replaceAll('"', "&quot;");
  return [
    text,
    quoted,
    quoted.replaceAll("'", "&apos;"),
    quoted.replaceAll("'", "&#39;"),
    quoted.replaceAll("'", "&#x27;"),
  ];
}

/** Shortest half of a secret that is masked by itself. */
const shortestHalf = 6;

/**
 * PowerShell takes a `&` in an unquoted value for an operator: its error shows the value in two halves with colours
 * between them, and after `&+` without the next character. The rule is that of GitHub's runner:
 * https://github.com/actions/runner/blob/main/src/Sdk/DTLogging/Logging/ValueEncoders.cs
 */
function powerShellForms(value: string): readonly string[] {
  const doubled = [value.replaceAll("'", "''"), value.replace(/["$`]/g, "`$&")];
  const plus = value.indexOf("&+");
  const ampersand = value.lastIndexOf("&");
  if (ampersand < 0) return doubled;
  const halves =
    plus < 0
      ? [value.slice(0, ampersand + 1), value.slice(ampersand + 1)]
      : [value.slice(0, plus + 2), value.slice(plus + 3)];
  return [...doubled, ...halves.filter((half) => half.length >= shortestHalf)];
}
