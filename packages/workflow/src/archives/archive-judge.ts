import { isAbsolute, posix } from "node:path";
import { type ArchiveLimits, ratioFrom } from "./archive-limits.ts";

/** One thing in an archive, as its reader tells it. */
export interface ArchiveEntry {
  /** As it stands in the archive. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link" | "hard-link" | "other";
  /** Where a link leads; for a hard link the path of a file before it. */
  readonly leadsTo?: string | undefined;
}

/** What may come out of an archive, and where. */
export interface ArchivePolicy {
  readonly limits: ArchiveLimits;
  /** What paths are relative to. Absolute. */
  readonly base: string;
  /** The folders or files in which everything must lie. Absolute. */
  readonly inside: readonly string[];
  /** `none` for formats that need none; `inside` where folders hold links to each other, as those of pnpm do. */
  readonly links: "none" | "inside";
  /** Whether the file system takes `A` and `a` for one. */
  readonly foldsCase: boolean;
}

/** What is to be made of an entry, or why the whole archive is refused. */
export type Verdict =
  | { readonly make: "file"; readonly at: string }
  | { readonly make: "directory"; readonly at: string }
  | { readonly make: "link"; readonly at: string; readonly to: string; readonly outside: string | null }
  | { readonly make: "hard-link"; readonly at: string; readonly of: string }
  | { readonly refused: string };

/** Decides about the entries of one archive in their order; it reads and writes nothing. */
export class ArchiveJudge {
  readonly #policy: ArchivePolicy;
  readonly #made = new Map<string, ArchiveEntry["kind"]>();
  readonly #around = new Set<string>();
  #entries = 0;

  constructor(policy: ArchivePolicy) {
    this.#policy = policy;
  }

  entry(entry: ArchiveEntry): Verdict {
    const { limits } = this.#policy;
    if (++this.#entries > limits.entries) return refused(`it has more than ${limits.entries} entries`);
    const at = this.#placeOf(entry.path);
    if (typeof at !== "string") return at;
    if (entry.kind === "other") return refused(`${shown(entry.path)} is neither a file, a folder nor a link`);
    return this.#conflict(entry, at) ?? this.#made_(entry, at);
  }

  /** Why so many bytes, unpacked from so many, are too many; null while they are not. */
  bytes(unpacked: number, packed: number): string | null {
    const { bytes, ratio } = this.#policy.limits;
    if (unpacked > bytes) return `it unpacks to more than ${Math.round(bytes / 1024 ** 2)} MiB`;
    return unpacked > ratioFrom && unpacked > packed * ratio ? `it unpacks to more than ${ratio} times its size` : null;
  }

  #placeOf(path: string): string | Verdict {
    const { base, inside, limits } = this.#policy;
    const name = shown(path);
    if (path === "" || path.includes("\0")) return refused(`${name} is no path`);
    if (Buffer.byteLength(path) > limits.pathBytes) return refused(`${name} is longer than ${limits.pathBytes} bytes`);
    if (path.split("/").length > limits.depth) return refused(`${name} is deeper than ${limits.depth} folders`);
    const at = posix.resolve(base, path);
    return isInside(at, inside) ? at : refused(`${name} leads out of where it is unpacked`);
  }

  #conflict({ path, kind }: ArchiveEntry, at: string): Verdict | null {
    const key = this.#key(at);
    const before = this.#made.get(key);
    if (before !== undefined && !(before === "directory" && kind === "directory"))
      return refused(`${shown(path)} is there twice`);
    if (kind !== "directory" && this.#around.has(key)) return refused(`${shown(path)} is a folder and something else`);
    for (let folder = posix.dirname(at); folder !== posix.dirname(folder); folder = posix.dirname(folder)) {
      const around = this.#made.get(this.#key(folder));
      if (around !== undefined && around !== "directory")
        return refused(`${shown(path)} is below ${around === "file" ? "a file" : "a link"}`);
    }
    return null;
  }

  #made_(entry: ArchiveEntry, at: string): Verdict {
    const verdict = this.#verdictOn(entry, at);
    if ("refused" in verdict) return verdict;
    this.#made.set(this.#key(at), entry.kind);
    for (let folder = posix.dirname(at); !this.#around.has(this.#key(folder)); folder = posix.dirname(folder)) {
      this.#around.add(this.#key(folder));
      if (folder === posix.dirname(folder)) break;
    }
    return verdict;
  }

  #verdictOn({ path, kind, leadsTo = "" }: ArchiveEntry, at: string): Verdict {
    if (kind === "file" || kind === "directory") return { make: kind, at };
    if (this.#policy.links === "none") return refused(`${shown(path)} is a link`);
    if (kind === "hard-link") {
      const of = this.#placeOf(leadsTo);
      if (typeof of !== "string") return of;
      return this.#made.get(this.#key(of)) === "file"
        ? { make: "hard-link", at, of }
        : refused(`${shown(path)} is a link to ${shown(leadsTo)}, which is no file before it`);
    }
    if (leadsTo === "" || leadsTo.includes("\0")) return refused(`${shown(path)} is a link to nowhere`);
    // Up after down leads somewhere else when what is below is a link; up first is from a real folder.
    if (/(?:^|\/)(?!\.\.?(?:\/|$))[^/]+\/(?:.*\/)?\.\.(?:\/|$)/u.test(leadsTo))
      return refused(`${shown(path)} is a link that goes down and up again: ${shown(leadsTo)}`);
    const target = posix.resolve(posix.dirname(at), leadsTo);
    if (isInside(target, this.#policy.inside)) return { make: "link", at, to: leadsTo, outside: null };
    // Whether it is a program of the machine only the machine can tell.
    return isAbsolute(leadsTo)
      ? { make: "link", at, to: leadsTo, outside: target }
      : refused(`${shown(path)} is a link that leads out: ${shown(leadsTo)}`);
  }

  #key(path: string): string {
    return this.#policy.foldsCase ? path.normalize("NFC").toLowerCase() : path;
  }
}

const refused = (why: string): Verdict => ({ refused: why });

const isInside = (at: string, folders: readonly string[]): boolean =>
  folders.some((folder) => at === folder || at.startsWith(folder.endsWith("/") ? folder : `${folder}/`));

/** A name from an archive, fit for a sentence. */
export const shown = (path: string): string => JSON.stringify(path.length > 120 ? `${path.slice(0, 120)}…` : path);
