// Which test files get a process of their own. Loading the sources anew for each file takes longer than the tests of most
// of them, so files share processes; what a durable engine, a database server, a container or a child leaves behind must
// end with its file's process. A file says which it is by what it names.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const starts =
  /\b(spawn\w*|execFile\w*|fork|startEmbedded\w*|openDurable\w*|openEngine\w*|engineForTests|Worker|conformance\w*)\(|\w+Conformance\(|process\.(env|chdir|on|once|kill|emitWarning)\b|stubGlobal|useFakeTimers|vi\.mock|[Ww]orldOf|[a-z]+World\(|from "\.\.?\/[^"]*(testing\/(?!store-for-tests|no-)|for-tests(?<!(?:store|history)-for-tests)\.|-world|-double|conformance)[^"]*"/;

/** Tests that are likely to make database clusters of their own, and one that opens every file its process may have. */
const alone = /^packages\/engine\/src\/((backups|database|durable)\/|files-used-up\.)/;

/**
 * The test files below these folders that start something, as paths from the root.
 *
 * @param {string} root
 * @param {readonly string[]} folders
 * @returns {{ readonly own: readonly string[], readonly shared: readonly string[] }}
 */
export function ownProcess(root, folders) {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".test.ts") && !file.includes("node_modules"))
      .map((file) => `${folder}/${file}`),
  );
  const own = files.filter((file) => alone.test(file) || starts.test(readFileSync(join(root, file), "utf8")));
  return { own, shared: files.filter((file) => !own.includes(file)) };
}
