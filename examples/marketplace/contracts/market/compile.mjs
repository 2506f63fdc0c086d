/**
 * Where the compiler and the contracts of OpenZeppelin are: in this folder once `npm ci` was run, else beside the `solc`
 * that is on the PATH.
 */
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));

/** The compiler program and the folder with the packages that the contracts import. */
export function tools() {
  const solc = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "solc"))
    .find(existsSync);
  const own = join(here, "node_modules");
  const beside = solc && join(dirname(realpathSync(solc)), "../node_modules");
  const packages = [own, beside].find((folder) => folder && existsSync(join(folder, "@openzeppelin")));
  if (!solc || !packages) throw new Error("no solc on the PATH, or no @openzeppelin: run npm ci in contracts/market");
  return { solc, packages };
}
