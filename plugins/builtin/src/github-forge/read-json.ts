/** JSON that came from outside, or why it is none. */
export type JsonReading = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

const deepest = 64;

/**
 * Reads JSON of bytes that anybody may have sent: only UTF-8, and no deeper than anybody means it, since what is deep is
 * read without harm and written out again with a stack overflow.
 */
export function readJsonBytes(bytes: Uint8Array): JsonReading {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return { ok: false, why: "the body is not UTF-8" }; // a TypeError is the answer
  }
  if (depthOf(text) > deepest) return { ok: false, why: `the body is nested deeper than ${deepest} levels` };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, why: "the body is no JSON" }; // a SyntaxError is the answer; its message quotes the body
  }
}

/** How deep brackets are nested, without regard to whether it is JSON; stops where it is too deep. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let inText = false;
  for (let index = 0; index < text.length && most <= deepest; index++) {
    const code = text.charCodeAt(index);
    if (inText) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) inText = false;
    } else if (code === 0x22) inText = true;
    else if (code === 0x5b || code === 0x7b) most = Math.max(most, (depth += 1));
    else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return most;
}
