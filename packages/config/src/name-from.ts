/** The name of a service or a project as Fairway takes it, from one that somebody gave: small letters, digits and dashes. */
export function nameFrom(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^[^a-z]+|-+$/gu, "")
    .slice(0, 40);
  return plain.replace(/-+$/u, "") || "app";
}
