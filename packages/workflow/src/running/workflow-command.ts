/** A command that a step gives by printing a line: `::name property=value,…::data`, or the older `##[name …]data`. */
export interface WorkflowCommand {
  readonly name: string;
  /** By lower-case name: the official runner does not tell `endLine` from `endline`. */
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** The commands that the runner knows; any other line of that look is output. */
export const workflowCommands: readonly string[] = [
  "add-mask",
  "add-matcher",
  "add-path",
  "debug",
  "echo",
  "endgroup",
  "error",
  "group",
  "notice",
  "remove-matcher",
  "save-state",
  "set-env",
  "set-output",
  "stop-commands",
  "warning",
];

/**
 * Reads a line of output as a command, if it is one of the known ones. `::` must come first but for blanks, `##[` may stand
 * anywhere (ActionCommand of the official runner).
 */
export function parseWorkflowCommand(line: string, known: (name: string) => boolean): WorkflowCommand | undefined {
  return parseColons(line.trimStart(), known) ?? parseBrackets(line, known);
}

/** Whether a line can be a command at all; most output is neither. */
export function looksLikeCommand(line: string): boolean {
  return line.includes("::") || line.includes("##[");
}

function parseColons(line: string, known: (name: string) => boolean): WorkflowCommand | undefined {
  if (!line.startsWith("::")) return undefined;
  const end = line.indexOf("::", 2);
  if (end < 0) return undefined;
  const head = readHead(line.slice(2, end), ",", unescapeProperty);
  if (!known(head.name)) return undefined;
  return { ...head, data: unescapeData(line.slice(end + 2)) };
}

function parseBrackets(line: string, known: (name: string) => boolean): WorkflowCommand | undefined {
  const start = line.indexOf("##[");
  if (start < 0) return undefined;
  const end = line.indexOf("]", start);
  if (end < 0) return undefined;
  const head = readHead(line.slice(start + 3, end), ";", unescapeBrackets);
  if (!known(head.name)) return undefined;
  return { ...head, data: unescapeBrackets(line.slice(end + 1)) };
}

function readHead(
  head: string,
  separator: string,
  unescape: (text: string) => string,
): Pick<WorkflowCommand, "name" | "properties"> {
  const space = head.indexOf(" ");
  if (space < 0) return { name: head, properties: {} };
  const properties: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const pair of head
    .slice(space + 1)
    .trim()
    .split(separator)) {
    const equals = pair.indexOf("=");
    if (equals <= 0 || equals === pair.length - 1) continue;
    properties[pair.slice(0, equals).toLowerCase()] = unescape(pair.slice(equals + 1));
  }
  return { name: head.slice(0, space), properties };
}

// `%25` is always the last to be turned back, or `%250A` would become a line break.
const unescapeData = (text: string): string =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");

const unescapeProperty = (text: string): string =>
  text
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%25", "%");

const unescapeBrackets = (text: string): string =>
  text
    .replaceAll("%3B", ";")
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%5D", "]")
    .replaceAll("%25", "%");
