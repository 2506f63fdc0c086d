import type { Notice } from "@fairway/core";

/** A notice as plain text, for places that know no more. */
export const plainText = ({ title, text, facts, url }: Notice): string =>
  [
    title,
    ...(text === "" ? [] : ["", text]),
    ...(facts.length === 0 ? [] : ["", ...facts.map(({ name, value }) => `${name}: ${value}`)]),
    ...(url === null ? [] : ["", url]),
  ].join("\n");

/** At most so many characters, with a sign that there were more. */
export const atMost = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
