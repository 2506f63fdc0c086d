import { createRequire } from "node:module";

/** What our own sentences and pictures are made of: each of these takes one column. */
const plain = /^[\x20-\x7E·–—…→─│├└○●◐✔✖■]*$/u;
// eslint-disable-next-line no-control-regex
const colours = /\u001B\[[0-9;]*m/g;

type Measure = (text: string) => number;
let ofAnything: Measure | undefined;

/**
 * How many columns a text takes in a terminal; colours take none. The library that knows every script takes about 35 ms of
 * processor time to load and as much again for its first text that is not ASCII, so it is asked only what is not plain.
 */
export function textWidth(text: string): number {
  const bare = text.replace(colours, "");
  if (plain.test(bare)) return bare.length;
  ofAnything ??= (createRequire(import.meta.url)("string-width") as { readonly default: Measure }).default;
  return ofAnything(bare);
}
