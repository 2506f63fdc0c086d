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
