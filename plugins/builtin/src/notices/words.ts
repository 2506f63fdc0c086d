import type { Notice } from "@fairway/core";

/** A notice as plain text, for places that know no more. */
export const plainText = ({ title, text, facts, url, personal }: Notice): string =>
  [
    title,
    ...(text === "" ? [] : ["", text]),
    ...(facts.length === 0 ? [] : ["", ...facts.map(({ name, value }) => `${name}: ${value}`)]),
    ...(url === null ? [] : ["", url]),
    ...(personal === undefined
      ? []
      : ["", `${personal.name}: what stands behind this link answers for you, once. Do not hand it on.`]),
  ].join("\n");

/** At most so many characters, with a sign that there were more. */
export const atMost = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
