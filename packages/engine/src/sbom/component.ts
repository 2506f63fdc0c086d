/** A package that a lockfile names. */
export interface LockedPackage {
  readonly ecosystem: "npm" | "pypi";
  /** With its scope: `@types/node`. */
  readonly name: string;
  readonly version: string;
  /** As the lockfile has them, in hex, by algorithm. */
  readonly hashes: Readonly<Partial<Record<"SHA-1" | "SHA-256" | "SHA-384" | "SHA-512", string>>>;
}

const algorithms = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;

/** Reads `sha512-<base64>` (Subresource Integrity, as npm writes it); what is no such hash is left out. */
export function hashesOfIntegrity(integrity: string | undefined): LockedPackage["hashes"] {
  return Object.fromEntries(
    (integrity ?? "").split(/\s+/u).flatMap((one) => {
      const [algorithm = "", value = ""] = one.split(/-(.*)/su);
      const known = algorithms[algorithm as keyof typeof algorithms];
      return known === undefined ? [] : [[known, Buffer.from(value, "base64").toString("hex")]];
    }),
  );
}

/** Reads `sha256:<hex>`, as Python's lockfiles write it. */
export function hashesOfHex(hash: string | undefined): LockedPackage["hashes"] {
  const [algorithm = "", value = ""] = (hash ?? "").split(":");
  const known = algorithms[algorithm as keyof typeof algorithms];
  return known === undefined || !/^[0-9a-f]+$/u.test(value) ? {} : { [known]: value };
}
