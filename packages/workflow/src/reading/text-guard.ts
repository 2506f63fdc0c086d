import type { YamlExcess } from "@fairway/core";
import { yamlExcess } from "@fairway/core";
import { Lexer } from "yaml";

/** GitHub takes no larger workflow file. */
const largest = 512 * 1024;
/** A workflow of 5,000 lines has about 20,000. */
const mostTokens = 30_000;

/** Looks whether the YAML parser can be trusted with the text of a workflow; undefined when it can. */
export const textExcess = (text: string): YamlExcess | undefined =>
  Buffer.byteLength(text) > largest
    ? { offset: 0, what: `the file is larger than ${largest / 1024} KiB` }
    : yamlExcess(new Lexer().lex(text), mostTokens);
