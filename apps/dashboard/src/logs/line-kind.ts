/** What a line is besides text: the head of a group, or a message of a severity, as GitHub's commands mark them. */
export type LineKind = "group" | "error" | "warning" | "notice" | "text";

const command =
  /^(?:##\[(group|error|warning|notice|debug|command|endgroup)\]|::(group|error|warning|notice|debug|endgroup)(?: [^:]*)?::)(.*)$/s;

/** Reads the mark off a line. https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function lineKind(line: string): { readonly kind: LineKind; readonly text: string } {
  const found = command.exec(line);
  if (found === null) return { kind: "text", text: line };
  const name = found[1] ?? found[2];
  const text = found[3] ?? "";
  switch (name) {
    case "group":
    case "error":
    case "warning":
    case "notice":
      return { kind: name, text };
    default:
      return { kind: "text", text };
  }
}
