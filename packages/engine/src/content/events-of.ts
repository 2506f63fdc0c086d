/** The files of a folder that patterns fit, sorted. */
export async function watchedIn(folder: string, patterns: readonly string[]): Promise<readonly string[]> {
  const { watchedFiles } = await import("@fairway/config");
  const all = watchedFiles(folder);
  return [...new Set(patterns.flatMap(all.matching))].toSorted();
}
