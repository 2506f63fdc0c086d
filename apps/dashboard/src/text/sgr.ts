/** A piece of a line that looks the same throughout: its text, and the class names of its look. */
export interface Piece {
  readonly text: string;
  readonly className: string;
}

/** How text looks from here on; colours are numbers of the sixteen of terminals. */
interface Look {
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  inverse: boolean;
  front: number | null;
  back: number | null;
}

const plain = (): Look => ({
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
  front: null,
  back: null,
});

// CSI, OSC and the other strings, then whatever else an escape begins, and the eight-bit CSI. ECMA-48, 5th edition.
const escape =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for.
  /(?:\u001b\[|\u009b)([0-?]*)([ -/]*)([@-~])|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?|\u009b/g;

/**
 * A line of a log as pieces with class names: its colours are kept, every other command to a terminal is left out, and what
 * cannot be seen or would turn text around is shown by its number. It makes text and never HTML.
 */
export function piecesOf(line: string): readonly Piece[] {
  const look = plain();
  const pieces: Piece[] = [];
  const text = afterReturn(line);
  let at = 0;
  const add = (raw: string): void => {
    if (raw === "") return;
    const className = classesOf(look);
    const last = pieces.at(-1);
    if (last !== undefined && last.className === className)
      pieces[pieces.length - 1] = { className, text: last.text + visible(raw) };
    else pieces.push({ text: visible(raw), className });
  };
  for (const match of text.matchAll(escape)) {
    add(text.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[3] === "m" && match[2] === "") apply(look, match[1] ?? "");
  }
  add(text.slice(at));
  return pieces;
}

/** The line without its colours and commands, as people read it. */
export const wordsOf = (line: string): string =>
  piecesOf(line)
    .map(({ text }) => text)
    .join("");

/** A progress bar writes over itself: what it wrote last is what stands there. */
const afterReturn = (line: string): string =>
  line.includes("\r") ? (line.split("\r").findLast((part) => part !== "") ?? "") : line;

// Controls but the tab, what turns the direction of text, and what joins or hides nothing that can be seen.
const unseen =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for.
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;

const visible = (text: string): string =>
  text.replace(unseen, (letter) => `⟨${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}⟩`);

function apply(look: Look, parameters: string): void {
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, taken } = extended(codes.slice(index + 1));
      if (code === 38) look.front = colour;
      else look.back = colour;
      index += taken;
    } else applyOne(look, code);
  }
}

function applyOne(look: Look, code: number): void {
  if (code === 0) Object.assign(look, plain());
  else if (code === 1) look.bold = true;
  else if (code === 2) look.dim = true;
  else if (code === 3) look.italic = true;
  else if (code === 4) look.underline = true;
  else if (code === 7) look.inverse = true;
  else if (code === 9) look.strike = true;
  else if (code === 22) look.bold = look.dim = false;
  else if (code === 23) look.italic = false;
  else if (code === 24) look.underline = false;
  else if (code === 27) look.inverse = false;
  else if (code === 29) look.strike = false;
  else if (code >= 30 && code <= 37) look.front = code - 30;
  else if (code === 39) look.front = null;
  else if (code >= 40 && code <= 47) look.back = code - 40;
  else if (code === 49) look.back = null;
  else if (code >= 90 && code <= 97) look.front = code - 82;
  else if (code >= 100 && code <= 107) look.back = code - 92;
}

/** A colour of 256, or of red, green and blue, as the nearest of the sixteen, which alone have names in both themes. */
function extended([kind, ...rest]: readonly number[]): { readonly colour: number | null; readonly taken: number } {
  if (kind === 5) return { colour: nearestOfIndex(rest[0] ?? 0), taken: 2 };
  if (kind === 2) return { colour: nearest(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), taken: 4 };
  return { colour: null, taken: kind === undefined ? 0 : 1 };
}

function nearestOfIndex(index: number): number | null {
  if (index < 0 || index > 255) return null;
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return nearest(grey, grey, grey);
  }
  const part = (size: number): number => [0, 95, 135, 175, 215, 255][Math.floor((index - 16) / size) % 6] ?? 0;
  return nearest(part(36), part(6), part(1));
}

/** By which of the three are strong, and whether any is very. */
function nearest(red: number, green: number, blue: number): number {
  const strongest = Math.max(red, green, blue);
  if (strongest < 50) return 0;
  const bit = (value: number): number => (value > strongest * 0.6 ? 1 : 0);
  const colour = bit(red) + 2 * bit(green) + 4 * bit(blue);
  if (colour === 7) return strongest > 200 ? 15 : strongest > 140 ? 7 : 8;
  return strongest > 200 ? colour + 8 : colour;
}

function classesOf({ bold, dim, italic, underline, strike, inverse, front, back }: Look): string {
  const [over, under] = inverse ? [back, front] : [front, back];
  return [
    bold && "sgr-bold",
    dim && "sgr-dim",
    italic && "sgr-italic",
    underline && "sgr-underline",
    strike && "sgr-strike",
    inverse && over === null && under === null && "sgr-inverse",
    over !== null && `sgr-f${over}`,
    under !== null && `sgr-b${under}`,
  ]
    .filter(Boolean)
    .join(" ");
}
