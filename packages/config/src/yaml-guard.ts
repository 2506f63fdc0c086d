import type { YamlExcess } from "@fairway/core";
import { yamlExcess } from "@fairway/core";
import { Lexer } from "yaml";

/** The marketplace example has about 400. */
const mostTokens = 20_000;

/** Looks whether the YAML parser can be trusted with the text of a configuration; undefined when it can. */
export const configurationExcess = (text: string): YamlExcess | undefined =>
  yamlExcess(new Lexer().lex(text), mostTokens);
