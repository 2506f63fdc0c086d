/** Archives that are looked into, and `other` for those that nobody here unpacks. */
export type ArchiveKind = "gzip" | "zip" | "tar" | "other";

/** So many of the first bytes tell what kind of archive something is: a header of a tar. */
export const headSize = 512;

/** How xz, Zstandard, 7z and RAR begin. */
const others: readonly string[] = ["\xfd7zXZ\0", "\x28\xb5\x2f\xfd", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07"];

/** What kind of archive begins so; null where none does. */
export function archiveKindOf(head: Buffer): ArchiveKind | null {
  if (head.length >= 2 && head.readUInt16BE(0) === 0x1f8b) return "gzip";
  if (head.length >= 4 && head.readUInt32BE(0) === 0x504b0304) return "zip";
  const first = head.toString("latin1", 0, 10);
  if (/^BZh[1-9]1AY&SY/.test(first) || others.some((other) => first.startsWith(other))) return "other";
  return isTar(head) ? "tar" : null;
}

/** Each header has the sum of its bytes, where its own digits count as spaces: also those that are older than any mark. */
function isTar(head: Buffer): boolean {
  if (head.length < headSize) return false;
  const [before, digits, after] = [
    head.subarray(0, 148),
    head.toString("latin1", 148, 156),
    head.subarray(156, headSize),
  ];
  const sum = [...before, ...after].reduce((all, byte) => all + byte, 8 * 0x20);
  return Number.parseInt(digits, 8) === sum && sum > 8 * 0x20;
}
