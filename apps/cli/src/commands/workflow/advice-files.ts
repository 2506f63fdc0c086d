import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const telling = /\.(?:sh|bash|md)$/u;
const mostBytes = 512 * 1024;
const mostFiles = 2_000;

/**
 * The repository's scripts and written advice: what git knows of shell scripts and Markdown, with the text of each. Empty
 * outside a repository.
 */
export async function adviceFiles(root: string): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const listed = await promisify(execFile)("git", ["ls-files", "-z", "--", "*.sh", "*.bash", "*.md"], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  }).then(
    ({ stdout }) => stdout.split("\0").filter((file) => telling.test(file)),
    // A file can be looked at wherever it lies, and nothing else is looked at there.
    () => [],
  );
  const found: { file: string; text: string }[] = [];
  for (const file of listed.slice(0, mostFiles)) {
    const path = join(root, file);
    const about = await stat(path).catch(() => undefined);
    // Listed and deleted since, or a link that leads nowhere: there is nothing to read.
    if (about?.isFile() === true && about.size <= mostBytes) found.push({ file, text: await readFile(path, "utf8") });
  }
  return found;
}
