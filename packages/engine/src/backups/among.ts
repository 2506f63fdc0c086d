/** Those of the given ids, in their order; all where none are given. */
export function among<One extends { readonly id: string }>(
  all: readonly One[],
  ids: readonly string[] | undefined,
): readonly One[] {
  if (ids === undefined) return all;
  const asked = new Set(ids);
  return all.filter(({ id }) => asked.has(id));
}
