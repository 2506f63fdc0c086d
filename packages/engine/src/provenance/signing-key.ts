import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import { chmod, link, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import type { Signer } from "./envelope.ts";

/** What this installation signs its releases with. */
export interface SigningKey extends Signer {
  /** PEM, for whoever verifies elsewhere. */
  readonly publicKey: string;
  /**
   * Names a secret's value without telling it: equal names are equal values, and without the file beside the key nobody
   * can try values out.
   */
  nameSecret(environment: string, name: string, value: string): string;
}

/** Reads the Ed25519 key of a data directory, or makes it. May be called at once by several: they get the same key. */
export async function signingKey(directory: string): Promise<SigningKey> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [pem, salt] = await Promise.all([
    readOrMake(join(directory, "release-key.pem"), newPrivateKey),
    readOrMake(join(directory, "secret-names.key"), () => randomBytes(32).toString("hex")),
  ]);
  const key = privateKeyOf(pem, join(directory, "release-key.pem"));
  const publicKey = createPublicKey(key);
  return {
    id: keyIdOf(publicKey),
    key,
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    nameSecret: (environment, name, value) =>
      createHmac("sha256", salt)
        .update(JSON.stringify([environment, name, value]))
        .digest("hex")
        .slice(0, 16),
  };
}

/** The name of a public key: `ed25519-` and the first half of its SHA-256. */
export const keyIdOf = (key: KeyObject): string =>
  `ed25519-${createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 32)}`;

const newPrivateKey = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

function privateKeyOf(pem: string, path: string): KeyObject {
  const unusable = (cause?: unknown): FairwayError =>
    new FairwayError("data_directory_unusable", `${path} is not an Ed25519 private key`, {
      hint: "Put the file back from a backup, or move it away and a new key is made; what the old one signed stays valid.",
      cause,
    });
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (thrown) {
    throw unusable(thrown);
  }
  if (key.asymmetricKeyType !== "ed25519") throw unusable();
  return key;
}

/** Written aside and linked into place, so that it is there whole or not at all, and who comes second takes the first's. */
async function readOrMake(path: string, make: () => string): Promise<string> {
  const found = await readIfThere(path);
  if (found !== undefined) return found;
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const file = await open(aside, "wx", 0o600);
    try {
      await file.writeFile(make());
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(aside, 0o600);
    await link(aside, path).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== "EEXIST") throw thrown;
    });
  } finally {
    await rm(aside, { force: true });
  }
  return readFile(path, "utf8");
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
}

/** Public keys in PEM by their names. Throws what Node says of one that is none. */
export const keysByName = (pems: readonly string[]): ReadonlyMap<string, KeyObject> =>
  new Map(pems.map((pem) => createPublicKey(pem)).map((key) => [keyIdOf(key), key]));
