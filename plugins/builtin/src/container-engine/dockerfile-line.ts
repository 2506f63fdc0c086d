/** One instruction of a Dockerfile and where it begins. */
interface Instruction {
  readonly line: number;
  readonly text: string;
}

const words = (text: string): string => text.replaceAll(/\s+/g, " ").trim().toLowerCase();

/** The instructions of a Dockerfile, each on one line; comments between the lines of one are left out. */
function instructionsOf(dockerfile: string): readonly Instruction[] {
  const found: Instruction[] = [];
  let open: { line: number; text: string } | null = null;
  for (const [index, line] of dockerfile.split(/\r?\n/).entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const goesOn = /\\\s*$/.test(line);
    const text = line.replace(/\\\s*$/, " ");
    open = open === null ? { line: index + 1, text } : { line: open.line, text: open.text + text };
    if (goesOn) continue;
    found.push(open);
    open = null;
  }
  return open === null ? found : [...found, open];
}

/**
 * The line of the step that an engine told last, as `STEP 3/7: RUN make`: by its words, as it fills in variables and
 * leaves out blanks, by its kind and number. Null when nothing was told or nothing fits.
 */
export function dockerfileLine(dockerfile: string, told: string): number | null {
  const step = [...told.matchAll(/^step (\d+)\/\d+ ?: (.+)$/gim)].at(-1);
  const [, number = "", text = ""] = step ?? [];
  if (text === "") return null;
  const all = instructionsOf(dockerfile);
  const same = all.filter((instruction) => words(instruction.text) === words(text));
  if (same.length === 1) return same[0]?.line ?? null;
  const kind = words(text).split(" ")[0];
  // An ARG before the first FROM is no step.
  const first = all.findIndex((instruction) => words(instruction.text).startsWith("from"));
  const counted = all[Math.max(0, first) + Number(number) - 1];
  const fits = counted !== undefined && words(counted.text).split(" ")[0] === kind;
  return fits ? counted.line : (same[0]?.line ?? null);
}
