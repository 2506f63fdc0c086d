import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";

/** Which files prove that this machine is a host: a name, `*.` and a name, or `*` for all others. */
interface CertificateFiles {
  readonly host: string;
  readonly certificate: string;
  readonly key: string;
}

const ending = /\.(?:crt|key)$/;

/**
 * The certificates that lie in a folder as `<host>.crt` and `<host>.key`; null when there is no such folder, as people may
 * keep the router's list themselves. One without the other is listed too, so that the router says which is missing.
 */
export async function certificatesIn(directory: string): Promise<readonly CertificateFiles[] | null> {
  const names = await readdir(directory).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw thrown;
  });
  if (names === null) return null;
  const hosts = new Set(names.filter((name) => ending.test(name)).map((name) => name.replace(ending, "")));
  const fileOf = (name: string): string => resolve(join(directory, name));
  return [...hosts]
    .toSorted()
    .map((host) => ({ host, certificate: fileOf(`${host}.crt`), key: fileOf(`${host}.key`) }));
}

const day = 86_400_000;
/** By then a renewal that happens by itself has happened: most renew when a third of 90 days is left. */
const warnDays = 14;

/** The certificates that have expired or soon will, as sentences. */
export const certificateProblems = (
  certificates: readonly { readonly host: string; readonly validUntil: string }[],
  now: number,
): string[] =>
  certificates.flatMap(({ host, validUntil }) => {
    const left = Date.parse(validUntil) - now;
    const then = validUntil.slice(0, 10);
    if (left > warnDays * day) return [];
    const what = left <= 0 ? `has expired on ${then}` : `expires on ${then}, in ${Math.floor(left / day)} days`;
    return [`the certificate of ${host} ${what}; put a new one in its place and say: fairway router reload`];
  });
