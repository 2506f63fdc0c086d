import type { Millis } from "@fairway/core";
import type { PreviewPlace } from "./preview-name.ts";

/** What a preview's database begins as, before it is seeded. */
export type PreviewOrigin =
  | { readonly from: "nothing" }
  /**
   * Made once for each key, by `prepare`, and copied for each preview: the key is a digest of the migrations and whatever
   * else it is made of.
   */
  | { readonly from: "template"; readonly key: string; prepare(url: string): Promise<void> }
  /** Somebody's own database on the same server. PostgreSQL copies one only while nobody is connected to it. */
  | { readonly from: "database"; readonly name: string };

/** What is in use, asked when the server's own list has been read. */
export interface PreviewsInUse {
  readonly places: readonly PreviewPlace[];
  /** Keys of the templates that are to stay. */
  readonly templates: readonly string[];
}

/** Databases that live as long as previews. */
export interface PreviewDatabases {
  /**
   * The connection string of a preview's database, which is made and seeded when it is not there. May be repeated: what is
   * whole is taken as it is, and what a killed try left is made anew. Throws `not_allowed_now` when it cannot be made here,
   * and `database_unavailable` when the server does not answer; what `prepare` and `seed` throw goes on to the caller, and
   * nothing is left then.
   */
  open(place: PreviewPlace, origin: PreviewOrigin, seed: ((url: string) => Promise<void>) | null): Promise<string>;
  /** The connection string that `open` gives, whether or not anything is there. Makes nothing and asks nobody. */
  address(place: PreviewPlace): string;
  /** Takes it away, whoever is connected. May be repeated; false when there was nothing. */
  close(place: PreviewPlace): Promise<boolean>;
  /**
   * Takes away what belongs to no preview, by the server's own list, and answers the names. The list is read first and
   * `inUse` asked after, so that what is opened meanwhile stays: a preview is written down before its database is made.
   */
  sweep(inUse: () => Promise<PreviewsInUse>): Promise<readonly string[]>;
}

/** Where previews have their databases. */
export interface PreviewServer {
  /** Of a role that may make databases, or schemas in the one that it names. */
  readonly url: string;
  /** Tells apart those who share a server; the same for as long as the installation lives. */
  readonly installation: string;
  /**
   * Whether each preview logs in as a role of its own, which reaches nothing else. Only where the server asks for no
   * password, as the embedded one does; else a preview logs in as whoever makes the databases.
   */
  readonly ownRoles: boolean;
  /** How PostgreSQL copies a template: through its log, or file by file, which is quicker where nothing is flushed. */
  readonly copy?: "log" | "files";
  /** How long others may be connected to a database that is to be copied; 20 s if it says nothing. */
  readonly patience?: Millis;
}
