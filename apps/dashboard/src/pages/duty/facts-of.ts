/** Facts as people type them, `name=value` a line, with numbers as numbers; null where a line is none. */
export function factsOf(written: string): Readonly<Record<string, string | number>> | null {
  const lines = written
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const pairs = lines.map((line) => /^([^=]{1,60})=(.{1,400})$/.exec(line));
  if (pairs.includes(null)) return null;
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const [, name = "", value = ""] = pair ?? [];
      return [[name.trim(), /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value.trim()]];
    }),
  );
}
