import { generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate and its key as files. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  /** PEM, to be trusted. */
  readonly pem: string;
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const time = (text: string): Buffer => der(0x17, Buffer.from(text));

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const noName = sequence();

/** Makes a self-signed certificate for host names, in two files of a directory. Without a tool, so that tests need none. */
export function selfSigned(directory: string, hosts: readonly string[], serial = 1): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const names = sequence(...hosts.map((host) => der(0x82, Buffer.from(host))));
  const alternativeNames = sequence(oid("551d11"), der(0x04, names));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    ecdsaWithSha256,
    noName,
    sequence(time("200101000000Z"), time("491231235959Z")),
    noName,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(alternativeNames)),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", body, privateKey));
  const encoded = sequence(body, ecdsaWithSha256, signature).toString("base64");
  const pem = `-----BEGIN CERTIFICATE-----\n${encoded.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
  const at = (end: string): string => join(directory, `${hosts[0]?.replace("*", "any")}-${serial}.${end}`);
  writeFileSync(at("crt"), pem);
  writeFileSync(at("key"), privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  return { certificate: at("crt"), key: at("key"), pem };
}
