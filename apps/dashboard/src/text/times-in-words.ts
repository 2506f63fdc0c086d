/** A part of a sentence: words, or a time that stands in it. */
export type WordsOrTime = { readonly words: string } | { readonly at: string };

/** As the server writes times, in UTC. */
const time = /\b(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?Z)/u;

/** A sentence of the server's with the times in it told apart, so that they can be shown as whoever looks reads them. */
export const timesInWords = (sentence: string): readonly WordsOrTime[] =>
  sentence
    .split(time)
    .map((part, at) => (at % 2 === 1 && !Number.isNaN(Date.parse(part)) ? { at: part } : { words: part }))
    .filter((part) => !("words" in part) || part.words !== "");
