/** What one commit has added to one file. */
export interface PatchText {
  readonly commit: string;
  readonly path: string;
  readonly text: string;
  /** The line of the file that each line of the text is. */
  readonly lines: readonly number[];
}

/** What stands before each commit's patch, so that no line of a patch can be taken for it. */
export const commitMark = "\0commit ";

/** The lines that commits have added, of `git log -p` with a mark before each commit; of merges those that no parent has. */
export function* patchTexts(patches: string): Generator<PatchText> {
  let [commit, path] = ["", ""];
  let added: string[] = [];
  let lines: number[] = [];
  let [next, left, parents, inHunk] = [0, 0, 1, false];
  const text = (): readonly PatchText[] =>
    added.length === 0 ? [] : [{ commit, path, text: added.join("\n"), lines: [...lines] }];
  for (const line of patches.split("\n")) {
    const isHead = line.startsWith(commitMark);
    if (isHead || /^diff --(?:git|cc|combined) /.test(line)) {
      // A line of a hunk begins with a sign, and never like this.
      yield* text();
      [added, lines, path, inHunk] = [[], [], "", false];
      if (isHead) commit = line.slice(commitMark.length).trim();
      continue;
    }
    const hunk = /^(@{2,}) .*?\+(\d+)(?:,(\d+))? \1/.exec(line);
    if (hunk !== null && (!inHunk || left <= 0)) {
      const [, at = "@@", from = "1", count = "1"] = hunk;
      [next, left, parents, inHunk] = [Number(from), Number(count), at.length - 1, true];
      continue;
    }
    if (!inHunk) {
      if (line.startsWith("+++ ")) path = nameOf(line.slice(4));
      continue;
    }
    const signs = line.slice(0, parents);
    if (signs.includes("-") || line.startsWith("\\")) continue;
    if (signs.includes("+")) {
      added.push(line.slice(parents));
      lines.push(next);
    }
    next += 1;
    left -= 1;
  }
  yield* text();
}

/** A file of which git shows no lines, because it is no text or because the project says so. */
export interface PatchBlob {
  readonly commit: string;
  readonly path: string;
  /** The hash of what the commit made of it. */
  readonly blob: string;
}

/** Such files of the same patches, each blob once, where it came first. */
export function patchBlobs(patches: string): readonly PatchBlob[] {
  const found = new Map<string, PatchBlob>();
  let [commit, path, blob] = ["", "", ""];
  // No line of a hunk begins like any of these: each has a sign.
  for (const line of patches.split("\n")) {
    const head = /^diff --(git|cc|combined) (.*)$/.exec(line);
    if (line.startsWith(commitMark)) commit = line.slice(commitMark.length).trim();
    else if (head !== null) [path, blob] = [nameOf(head[1] === "git" ? secondOf(head[2] ?? "") : (head[2] ?? "")), ""];
    else if (line.startsWith("index ")) blob = /\.\.([0-9a-f]{40,64})(?: \d+)?$/.exec(line)?.[1] ?? "";
    else if (/^Binary files .*differ$/.test(line) && /[^0]/.test(blob) && !found.has(blob))
      found.set(blob, { commit, path, blob });
  }
  return [...found.values()];
}

/** The second of two names of the same length: without renames both are the same file. */
const secondOf = (names: string): string => names.slice((names.length + 1) / 2);

/** As git writes it: `b/src/app.js`, or quoted where it has odd letters. */
function nameOf(written: string): string {
  const bare = /^"(.*)"$/.exec(written.trimEnd())?.[1] ?? written.trimEnd();
  return bare.startsWith("b/") ? bare.slice(2) : bare;
}
