import { lstatSync } from "node:fs";
import { join } from "node:path";

/** The files that a configuration may be in, in the root of the repository. */
export const configurationFiles: readonly string[] = [
  "fairway.config.ts",
  "fairway.config.mts",
  "fairway.config.js",
  "fairway.config.mjs",
  "fairway.yaml",
  "fairway.yml",
  "fairway.json",
];

/** Those of them that are there; a link that leads nowhere is there too. */
export const findConfigurations = (directory: string): readonly string[] =>
  configurationFiles.filter((file) => lstatSync(join(directory, file), { throwIfNoEntry: false }) !== undefined);
