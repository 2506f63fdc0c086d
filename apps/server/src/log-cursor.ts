import { FairwayError } from "@fairway/core";

/** How far a reader of logs has come. */
interface SeenLine {
  readonly source: string;
  readonly next: number;
}

/**
 * Makes ids for the lines of a stream, from which a reader who sends the last one back goes on without a gap: for each
 * source seen, where its next line begins.
 */
export function logCursor(): (line: SeenLine) => string {
  const seen = new Map<string, string>();
  return ({ source, next }) => {
    const name = encodeURIComponent(source);
    seen.set(name, `${name}:${next}`);
    return seen.size === 1 ? `${name}:${next}` : [...seen.values()].join(",");
  };
}

/** Where to go on, by source. Throws `bad_request` for what is no such id. */
export function parseLogCursor(text = ""): ReadonlyMap<string, number> {
  const seen = new Map<string, number>();
  for (const part of text.split(",").filter((found) => found !== "")) {
    const [, name, next] = /^([^:]*):(\d{1,15})$/.exec(part) ?? [];
    if (name === undefined || next === undefined || !isEncoded(name))
      throw new FairwayError("bad_request", `${JSON.stringify(text.slice(0, 200))} is not the id of a line of a log`);
    seen.set(decodeURIComponent(name), Number(next));
  }
  return seen;
}

/** Whether `decodeURIComponent` takes it. */
const isEncoded = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};
