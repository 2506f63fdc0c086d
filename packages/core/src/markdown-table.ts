/** A table in Markdown, which ends with a line feed. What cells say is text, whatever it looks like. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(inCell).join(" | ")} |`;
  return [line(head), `|${" --- |".repeat(head.length)}`, ...rows.map(line), ""].join("\n");
}

const inCell = (text: string): string => text.replaceAll(/[\\|<>]/g, "\\$&").replaceAll(/\s+/g, " ");
