/**
 * A cell of a CSV as RFC 4180 writes it, which no spreadsheet takes for a formula: what begins with one of the signs that
 * OWASP's page on CSV injection lists is led in by an apostrophe.
 */
export function safeCell(value: string | number | null): string {
  // A number is none: it has no sign that a person wrote.
  const text = typeof value === "number" ? String(value) : (value ?? "").replaceAll("\0", "\u2400");
  const plain =
    typeof value !== "number" && /^[\s\uFEFF]*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/u.test(text) ? `'${text}` : text;
  return /[",\r\n;]/.test(plain) || plain.startsWith("'") || plain.trim() !== plain
    ? `"${plain.replaceAll('"', '""')}"`
    : plain;
}

/** A cell of a Markdown table: one line, with nothing that would end it or be taken for HTML. */
export const markdownCell = (value: string | number | null): string =>
  String(value ?? "")
    .replaceAll(/[\r\n\t]+/g, " ")
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;");
