interface Place {
  readonly name: string;
  readonly current: { readonly release: string } | null;
}

/** A release to compare with, and where it is found, in words. */
export interface Compared {
  readonly release: string;
  readonly words: string;
}

/** What a release is worth comparing with: what runs in each place, and the one made before it. Each once. */
export function comparedWith(release: string, environments: readonly Place[]): readonly Compared[] {
  const places = new Map<string, string[]>();
  for (const { name, current } of environments)
    if (current !== null && current.release !== release)
      places.set(current.release, [...(places.get(current.release) ?? []), name]);
  const before = releaseBefore(release);
  if (before !== null && !places.has(before)) places.set(before, []);
  return [...places].map(([other, names]) => ({
    release: other,
    words: names.length === 0 ? `${other}, before it` : `${other} in ${names.join(", ")}`,
  }));
}

function releaseBefore(release: string): string | null {
  const number = Number(/^r(\d+)$/u.exec(release)?.[1] ?? "0");
  return number > 1 ? `r${number - 1}` : null;
}
