/** Whether a duty's id fits a pattern: `*` stands for any run of characters, and everything else for itself. */
export function fitsSelector(selector: string, id: string): boolean {
  const parts = selector.split("*");
  const [first = ""] = parts;
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return id === selector;
  if (!id.startsWith(first) || !id.endsWith(last) || id.length < first.length + last.length) return false;
  let at = first.length;
  const end = id.length - last.length;
  // The first place that a part is found at is the best for those after it.
  for (const part of parts.slice(1, -1)) {
    const found = id.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
