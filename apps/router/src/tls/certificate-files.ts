import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";

/** Which files prove that this machine is a host. */
export interface CertificateFiles {
  /** `shop.example`, `*.shop.example` for one label more, or `*` for clients that name no host or an unknown one. */
  readonly host: string;
  /** PEM: the certificate of the host first, then those that lead to a root. */
  readonly certificate: string;
  /** PEM, without a passphrase. */
  readonly key: string;
}

/** What was in the files, so that it is still there when they are not. */
export interface StoredCertificate extends CertificateFiles {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** A certificate that can be used. */
export interface LoadedCertificate extends StoredCertificate {
  readonly context: SecureContext;
  /** The names that it is for. */
  readonly names: readonly string[];
  readonly validUntil: string;
}

/** All of them, or every reason why not, as sentences. */
export type LoadedCertificates =
  | { readonly ok: true; readonly certificates: readonly LoadedCertificate[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const hostPattern = /^(?:\*|(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$/;
const isText = (value: unknown): value is string => typeof value === "string" && value !== "" && value.length <= 4096;

/** Checks whatever was sent as a list of certificate files, and reads them. */
export function loadCertificates(sent: unknown): LoadedCertificates {
  const problems: string[] = [];
  const certificates: LoadedCertificate[] = [];
  const list = typeof sent === "object" && sent !== null && "certificates" in sent ? sent.certificates : undefined;
  if (!Array.isArray(list)) return { ok: false, problems: ["certificates is not a list"] };
  const hosts = new Set<string>();
  for (const [i, entry] of (list as unknown[]).entries()) {
    const files = checkedFiles(entry);
    if (typeof files === "string") {
      problems.push(`certificate ${i + 1}: ${files}`);
      continue;
    }
    const { host } = files;
    if (hosts.has(host)) problems.push(`host ${host} is listed twice`);
    hosts.add(host);
    const certificatePem = contentOf(files.certificate);
    const keyPem = contentOf(files.key);
    const unread = [certificatePem, keyPem].filter((content) => typeof content !== "string");
    problems.push(...unread.map(({ problem }) => `host ${host}: ${problem}`));
    if (typeof certificatePem !== "string" || typeof keyPem !== "string") continue;
    const loaded = loadCertificate({ ...files, certificatePem, keyPem });
    if (typeof loaded === "string") problems.push(`host ${host}: ${loaded}`);
    else certificates.push(loaded);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, certificates };
}

/** Makes a certificate ready to be used; a string says why it cannot be. */
export function loadCertificate(stored: StoredCertificate): LoadedCertificate | string {
  const { host, certificate, key, certificatePem, keyPem } = stored;
  let leaf: X509Certificate;
  let privateKey: KeyObject;
  try {
    leaf = new X509Certificate(certificatePem);
  } catch {
    return `${certificate} is not a certificate in PEM`;
  }
  try {
    privateKey = createPrivateKey(keyPem);
  } catch {
    return `${key} is not a private key in PEM without a passphrase`;
  }
  if (!leaf.checkPrivateKey(privateKey))
    return `the key in ${key} does not belong to the certificate in ${certificate}`;
  const names = (leaf.subjectAltName ?? leaf.subject).split(/, |\n/).map((name) => name.replace(/^(?:DNS:|CN=)/, ""));
  if (host !== "*" && leaf.checkHost(host.replace(/^\*/, "any")) === undefined) {
    return `the certificate in ${certificate} is for ${names.join(", ")}`;
  }
  try {
    const context = createSecureContext({ cert: certificatePem, key: keyPem, minVersion: "TLSv1.2" });
    return { ...stored, context, names, validUntil: new Date(leaf.validTo).toISOString() };
  } catch (error) {
    return `${certificate} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function checkedFiles(entry: unknown): CertificateFiles | string {
  const { host, certificate, key } = (typeof entry === "object" ? (entry ?? {}) : {}) as Record<string, unknown>;
  if (!isText(host) || !hostPattern.test(host)) {
    return `host ${JSON.stringify(host)} is neither a host name nor "*"`;
  }
  for (const [name, path] of Object.entries({ certificate, key })) {
    if (!isText(path) || !isAbsolute(path)) return `${name} ${JSON.stringify(path)} of ${host} is not an absolute path`;
  }
  return { host: host.toLowerCase(), certificate: certificate as string, key: key as string };
}

function contentOf(path: string): string | { readonly problem: string } {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return { problem: code === "ENOENT" ? `${path} is not there` : `${path} cannot be read: ${code}` };
  }
}
