import type { VisibleBlock } from "./visible-text.ts";

/** Signs that take no room: what stands between two of them looks the same without them. */
const withoutRoom = /[\u00ad\u200b-\u200f\u2060\ufeff]/u;

/** A text as it is compared: small letters, one space between words, one kind of quotation marks and dashes. */
const folded = (sign: string): string => {
  if (withoutRoom.test(sign)) return "";
  if (/\s/u.test(sign)) return " ";
  if (/[\u2018\u2019\u201b\u2032]/u.test(sign)) return "'";
  if (/[\u201c\u201d\u201e\u2033]/u.test(sign)) return '"';
  if (/[\u2010-\u2015\u2212]/u.test(sign)) return "-";
  return sign.normalize("NFKC").toLowerCase();
};

/** A text folded for comparing, with the line of each of its signs. */
function foldedWithLines({ text, lines }: Pick<VisibleBlock, "text" | "lines">): Pick<VisibleBlock, "text" | "lines"> {
  let out = "";
  const at: number[] = [];
  for (const [index, sign] of text.split("").entries())
    for (const one of folded(sign)) {
      if (one === " " && (out === "" || out.endsWith(" "))) continue;
      out += one;
      at.push(lines[index] ?? 1);
    }
  return { text: out, lines: at };
}

/** A phrase as it is compared. */
const foldedPhrase = (phrase: string): string => foldedWithLines({ text: phrase, lines: [] }).text.trim();

/**
 * The lines on which a phrase begins among what people see: wherever lines break, whatever is bold, and in any case. Whole
 * words only: `gain` is not in `again`. What only some see counts where `hints` is true.
 */
export function linesOfPhrase(blocks: readonly VisibleBlock[], phrase: string, hints: boolean): readonly number[] {
  const wanted = foldedPhrase(phrase);
  if (wanted === "") return [];
  return blocks.flatMap((block) => {
    if (block.kind === "hint" && !hints) return [];
    const { text, lines } = foldedWithLines(block);
    const found: number[] = [];
    for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1))
      if (isWhole(text, at, wanted)) found.push(lines[at] ?? 1);
    return found;
  });
}

const isLetter = (sign: string | undefined): boolean => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);

const isWhole = (text: string, at: number, wanted: string): boolean =>
  !(isLetter(wanted[0]) && isLetter(text[at - 1])) && !(isLetter(wanted.at(-1)) && isLetter(text[at + wanted.length]));
