/** What a line is besides text: the head or the end of a group, or a message of a severity, as GitHub's commands mark them. */
export type LineKind = "group" | "endgroup" | "error" | "warning" | "notice" | "text";

/** A line without its mark. */
export interface MarkedLine {
  readonly kind: LineKind;
  readonly text: string;
  /** Which place of the repository a message is about: `src/a.ts:3:7`; null where it names none. */
  readonly place: string | null;
}

const command =
  /^(?:\d{4}-\d{2}-\d{2}T[\d:.]+Z )?(?:##\[(group|error|warning|notice|debug|command|endgroup)\]|::(group|error|warning|notice|debug|endgroup)(?: ([^:]*(?::(?!:)[^:]*)*))?::)(.*)$/s;

/** Reads the mark off a line. https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function lineKind(line: string): MarkedLine {
  const found = command.exec(line);
  if (found === null) return { kind: "text", text: line, place: null };
  const name = found[1] ?? found[2];
  const said = found[4] ?? "";
  const text = found[2] === undefined ? said : unescaped(said);
  switch (name) {
    case "group":
    case "endgroup":
      return { kind: name, text, place: null };
    case "error":
    case "warning":
    case "notice":
      return { kind: name, text, place: placeOf(found[3] ?? "") };
    default:
      return { kind: "text", text, place: null };
  }
}

function placeOf(written: string): string | null {
  const values = new Map(
    written.split(",").map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [name.trim().toLowerCase(), unescaped(value.join("=").trim())] as const;
    }),
  );
  const file = values.get("file") ?? "";
  if (file === "") return null;
  return [file, values.get("line"), values.get("col")].filter((part) => part !== undefined && part !== "").join(":");
}

/** What cannot stand in a command as it is stands there by its number. */
const unescaped = (text: string): string =>
  text
    .replaceAll(/%0D/gi, "\r")
    .replaceAll(/%0A/gi, "⏎")
    .replaceAll(/%3A/gi, ":")
    .replaceAll(/%2C/gi, ",")
    .replaceAll("%25", "%");
