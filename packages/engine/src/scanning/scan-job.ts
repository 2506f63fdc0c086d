import type { KnownValue } from "./known-values.ts";
import type { Finding } from "./scan-text.ts";

/** What a thread that scans knows: values that must stand nowhere, and what it names those that it finds by. */
export interface ScanKnowledge {
  readonly values: readonly KnownValue[];
  /** A key of a hash: the same value has the same name as long as this stays, and the name gives nothing away. */
  readonly naming: string;
}

/** A file that is shown by another name. */
export interface ShownFile {
  readonly shown: string;
  readonly file: string;
}

/** Something to be scanned. */
export type ScanJob =
  /** The files of a folder. */
  | { readonly kind: "tree"; readonly root: string }
  /** These files, each shown by another name; what is not there any more is passed over. */
  | { readonly kind: "files"; readonly files: readonly ShownFile[] }
  /** What commits have added, as `git log -p` has it, and files of which that shows no lines. */
  | { readonly kind: "patches"; readonly text: string; readonly files?: readonly ShownFile[] }
  /** Lines that somebody is about to keep. */
  | { readonly kind: "lines"; readonly lines: readonly string[] };

/** What was found, and in how much. */
export interface Scanned {
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly bytes: number;
  /** How many of the files are no text, and were searched for known values alone; absent where there can be none. */
  readonly binary?: number | undefined;
  /** Of those, how many could not be read to their end. */
  readonly unread?: number | undefined;
}

/** Lines without the values that stood in them. */
export interface CleanedLines {
  readonly lines: readonly string[];
  /** Names of the credentials whose values stood there, each once, and rules by which others were told. */
  readonly credentials: readonly { readonly credential: string; readonly fingerprint: string }[];
  readonly rules: readonly string[];
}

/** What a job comes to. */
export type ScanAnswer<Job extends ScanJob> = Job extends { readonly kind: "lines" } ? CleanedLines : Scanned;
