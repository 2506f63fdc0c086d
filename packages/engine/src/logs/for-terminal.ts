/** How text is made fit to be shown. */
export interface TerminalOptions {
  /** Keeps colours and weights, and resets them at the end; everything else that steers a terminal goes. */
  readonly colours?: boolean;
}

// One pass with one pattern: in several, what one takes away could join its neighbours to a new sequence. Every escape
// character is taken by some part, and no part can be matched in more than one way, so the time is linear.
const special = new RegExp(
  [
    // A string sequence (title, link, clipboard …) ends with BEL or ST. One that does not end takes the rest of its
    // line, as it would in a terminal.
    String.raw`(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?`,
    String.raw`(?:\x1b\[|\x9b)(?<parameters>[\x30-\x3f]*)(?<between>[\x20-\x2f]*)(?<final>[\x40-\x7e])?`,
    String.raw`\x1b[\x20-\x2f]*[\x30-\x7e]?`,
    String.raw`\r(?=\n|$)`,
    String.raw`(?<control>[\x00-\x08\x0b-\x1f\x7f-\x9f])`,
    // Marks that turn the direction of writing, join or hide: what is read would not be what is there.
    String.raw`(?<deceiving>[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff])`,
  ].join("|"),
  "g",
);

/**
 * Makes text from outside harmless for a terminal: control sequences go, control characters and marks that turn the
 * writing direction become visible. Tabs and line ends stay.
 */
export function forTerminal(text: string, { colours = false }: TerminalOptions = {}): string {
  let coloured = false;
  const shown = text.replace(special, (...match) => {
    const found = match.at(-1) as Readonly<Record<string, string | undefined>>;
    if (found["control"] !== undefined) return visible(found["control"]);
    if (found["deceiving"] !== undefined) return codePoint(found["deceiving"]);
    const { parameters = "" } = found;
    if (!colours || found["final"] !== "m" || found["between"] !== "" || !/^[\d;:]*$/.test(parameters)) return "";
    coloured = true;
    return `\x1b[${parameters}m`;
  });
  return coloured ? `${shown}\x1b[0m` : shown;
}

/** The picture of a control character; those of the C1 range have none. */
function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return "␡";
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
}

const codePoint = (mark: string): string => `<U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`;
