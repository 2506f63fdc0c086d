/** What the program says is wrong, with its place in the code. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  /** Relative to the stack; null when it is about no file. */
  readonly file: string | null;
  /** From 1; null without a file. */
  readonly line: number | null;
  readonly column: number | null;
}

/** Who holds the lock of a state. */
export interface LockHolder {
  readonly id: string;
  readonly who: string;
  readonly operation: string;
  readonly since: string;
}

/** What the program says in one line that it writes with `-json`. */
export interface SaidLine {
  readonly message: string | null;
  readonly isError: boolean;
  readonly diagnostic: Diagnostic | null;
}

/** The diagnostics among the lines that the program writes with `-json`; a line that is none of them is passed over. */
export const diagnosticsIn = (output: string): readonly Diagnostic[] =>
  output.split("\n").flatMap((line) => {
    const said = saidIn(line);
    if (said === null) return [];
    if (said.diagnostic !== null) return [said.diagnostic];
    // Some of what goes wrong before anything is read is only a message.
    return said.isError ? [ofMessage(said.message ?? "")] : [];
  });

interface SaidDiagnostic {
  readonly severity?: string;
  readonly summary?: string;
  readonly detail?: string;
  readonly range?: {
    readonly filename?: string;
    readonly start?: { readonly line?: number; readonly column?: number };
  };
}

interface WrittenLine {
  readonly "@level"?: string;
  readonly "@message"?: string;
  readonly diagnostic?: SaidDiagnostic;
}

function ofMessage(message: string): Diagnostic {
  const [summary = "", ...rest] = message.replace(/^Error: /u, "").split("\n");
  const detail = rest.filter((line) => line.trim() !== "").join(" ");
  return { severity: "error", summary: summary.replace(/:$/u, ""), detail, file: null, line: null, column: null };
}

/** Null for a line that is none of the program's, or was cut off by its end. */
export function saidIn(line: string): SaidLine | null {
  if (!line.startsWith("{")) return null;
  try {
    const written = JSON.parse(line) as WrittenLine;
    return {
      message: written["@message"] ?? null,
      isError: written["@level"] === "error",
      diagnostic: written.diagnostic === undefined ? null : diagnosticOf(written.diagnostic),
    };
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

const diagnosticOf = ({ severity, summary = "", detail = "", range }: SaidDiagnostic): Diagnostic => ({
  severity: severity === "warning" ? "warning" : "error",
  summary,
  detail,
  file: range?.filename ?? null,
  line: range?.start?.line ?? null,
  column: range?.start?.column ?? null,
});

/** What a command says that writes no JSON: the paragraph after `Error:`; null where there is none. */
export function plainDiagnostic(output: string): Diagnostic | null {
  const lines = output.split("\n").map((line) => line.replace(/^[│╷╵|]\s?/u, "").trimEnd());
  const at = lines.findIndex((line) => line.startsWith("Error: "));
  if (at < 0) return null;
  const rest = lines.slice(at + 1).filter((line) => line.trim() !== "");
  const place = rest.map((line) => /^\s*on (\S+) line (\d+)/u.exec(line)).find((found) => found !== null);
  return {
    severity: "error",
    summary: lines[at]?.slice("Error: ".length) ?? "",
    detail: rest.filter((line) => !/^\s*(?:on \S+ line \d+|\d+:)/u.test(line)).join("\n"),
    file: place?.[1] ?? null,
    line: place === undefined ? null : Number(place?.[2]),
    column: place === undefined ? null : 1,
  };
}

/** Who holds the state's lock, when that is what went wrong. */
export function lockHolderIn(diagnostics: readonly Diagnostic[]): LockHolder | null {
  const found = diagnostics.find(({ summary }) => /acquiring the state lock/iu.test(summary));
  if (found === undefined) return null;
  const field = (name: string): string =>
    new RegExp(`^\\s*${name}:\\s*(.*)$`, "mu").exec(found.detail)?.[1]?.trim() ?? "";
  // The `http` backend names the lock that there is, and then tells everything else of the one that it did not get.
  const other = /already locked: ID=(\S+)/u.exec(found.detail)?.[1];
  if (other !== undefined && other !== field("ID")) return { id: other, who: "", operation: "", since: "" };
  return { id: field("ID"), who: field("Who"), operation: field("Operation"), since: field("Created") };
}

/** Whether the state was changed after the plan was made, or is another one altogether. */
export const isStale = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(({ summary }) => /saved plan (?:is stale|does not match the given state)/iu.test(summary));

/**
 * Whether something was done that the program could not write into its state: where the state is has no room, or does not
 * answer.
 */
export const isUnwritten = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(({ summary }) => /^failed to (?:save|persist) state/iu.test(summary));

/** Whether the state that there is cannot be read: it was cut off while it was written, say. */
export const saysDamaged = (said: string): boolean =>
  /unsupported state file format|state file could not be parsed/iu.test(said);

/** As a person reads it: `main.tf:3:5 Missing name for resource`. */
export function toldDiagnostic({ file, line, column, summary, detail }: Diagnostic): string {
  const place = file === null ? "" : `${file}:${line ?? 1}:${column ?? 1} `;
  const [first = ""] = detail.split("\n");
  return `${place}${summary}${first === "" ? "" : `: ${first}`}`;
}
