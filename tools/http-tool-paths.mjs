// Where tools/http-tools.mjs puts the programs that run files of HTTP requests, and the tests look for them.
import { fileURLToPath } from "node:url";

export const hurlVersion = "8.0.1";

/** The first that can be written is compiled into, with `bin/hurl`. */
export const hurlPlaces = [
  `/usr/local/lib/fairway-hurl/${hurlVersion}`,
  fileURLToPath(new URL(`../.cache/hurl/${hurlVersion}`, import.meta.url)),
];

/** To be looked in before the PATH. */
export const httpToolPaths = [
  ...hurlPlaces.map((place) => `${place}/bin`),
  fileURLToPath(new URL("../.cache/http-tools/node_modules/.bin", import.meta.url)),
];
