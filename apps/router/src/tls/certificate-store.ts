import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SecureContext } from "node:tls";
import { storeFile } from "../control/store-file.ts";
import {
  loadCertificate,
  loadCertificates,
  type LoadedCertificate,
  type LoadedCertificates,
  type StoredCertificate,
} from "./certificate-files.ts";

/** One certificate in force, without its secret. */
export interface CertificateStatus {
  readonly host: string;
  readonly certificate: string;
  readonly names: readonly string[];
  readonly validUntil: string;
}

/**
 * The certificates of one worker. `certificates.json` in the router's directory lists the files, for people and the
 * daemon to change; what was last in force is kept beside it with its contents, so that a restart while the files are
 * gone or half replaced serves what was served before.
 */
export class CertificateStore {
  readonly listFile: string;
  private readonly inForceFile: string;
  private byHost: ReadonlyMap<string, LoadedCertificate> = new Map();
  /** Called after each change. */
  changed: () => void = () => undefined;

  constructor(directory: string) {
    this.listFile = join(directory, "certificates.json");
    this.inForceFile = join(directory, "certificates-in-force.json");
  }

  /** By the name a client asks for; undefined when nothing proves that. */
  contextFor(name: string): SecureContext | undefined {
    const host = name.toLowerCase();
    const found =
      this.byHost.get(host) ?? this.byHost.get(`*${host.slice(Math.max(0, host.indexOf(".")))}`) ?? this.fallback;
    return found?.context;
  }

  /** For clients that name no host, or an unknown one. */
  get fallback(): LoadedCertificate | undefined {
    return this.byHost.get("*");
  }

  get status(): readonly CertificateStatus[] {
    return [...this.byHost.values()].map(({ host, certificate, names, validUntil }) => ({
      host,
      certificate,
      names,
      validUntil,
    }));
  }

  /** Takes the listed files, or what was in force before when they have problems. Returns these. */
  load(): readonly string[] {
    const loaded = this.listed();
    if (loaded.ok) this.use(loaded.certificates);
    else this.follow();
    return loaded.ok ? [] : loaded.problems;
  }

  /** Reads the list and all its files again. Changes nothing when one of them has a problem. */
  async reload(): Promise<LoadedCertificates> {
    return this.putInForce(this.listed());
  }

  /** Replaces the list. Changes nothing when one of its files has a problem. */
  async replace(sent: unknown): Promise<LoadedCertificates> {
    const loaded = loadCertificates(sent);
    if (loaded.ok) {
      const certificates = loaded.certificates.map(({ host, certificate, key }) => ({ host, certificate, key }));
      await storeFile(this.listFile, `${JSON.stringify({ certificates }, null, 2)}\n`);
    }
    return this.putInForce(loaded);
  }

  /** Takes what another worker has put in force. */
  follow(): void {
    const text = textOf(this.inForceFile);
    const stored = text === null ? [] : (JSON.parse(text) as readonly StoredCertificate[]);
    this.use(stored.map(loadCertificate).filter((loaded) => typeof loaded !== "string"));
  }

  private async putInForce(loaded: LoadedCertificates): Promise<LoadedCertificates> {
    if (!loaded.ok) return loaded;
    const stored = loaded.certificates.map(({ host, certificate, key, certificatePem, keyPem }) => ({
      ...{ host, certificate, key, certificatePem, keyPem },
    }));
    await storeFile(this.inForceFile, JSON.stringify(stored satisfies readonly StoredCertificate[]));
    this.use(loaded.certificates);
    return loaded;
  }

  private listed(): LoadedCertificates {
    const text = textOf(this.listFile);
    if (text === null) return { ok: true, certificates: [] };
    try {
      return loadCertificates(JSON.parse(text));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return { ok: false, problems: [`${this.listFile} is not JSON: ${error.message}`] };
    }
  }

  private use(certificates: readonly LoadedCertificate[]): void {
    this.byHost = new Map(certificates.map((certificate) => [certificate.host, certificate]));
    this.changed();
  }
}

/** Null when there is no such file. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
