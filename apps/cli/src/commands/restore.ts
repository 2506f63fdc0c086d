import { resolve } from "node:path";
import { restoreData } from "@fairway/server";
import type { GlobalOptions } from "../context.ts";
import { dataDirectoryOf } from "../context.ts";
import { print, printJson } from "../output/terminal.ts";
import { sure } from "./ask.ts";

/** `fairway restore`: refuses while a daemon holds the data directory; what was there is kept beside. */
export async function restore(
  [source = ""]: readonly string[],
  options: GlobalOptions & { readonly key?: string },
): Promise<number> {
  const dataDirectory = await dataDirectoryOf(options);
  if (!(await sure(`Put the backup in the place of the database in ${dataDirectory}?`, options))) return 3;
  await restoreData(resolve(source), dataDirectory, options.key === undefined ? null : resolve(options.key));
  if (options.json) printJson({ restored: true, dataDirectory });
  else print("the backup is in place\n→ start the daemon: fairway up");
  return 0;
}
