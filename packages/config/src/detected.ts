import type { NotCarried } from "./compose/from-compose.ts";
import type { ServiceConfig } from "./project-config.ts";

/** A service that was found in a repository. */
export interface DetectedService {
  readonly name: string;
  readonly config: ServiceConfig & { readonly path: string };
  /** What it was recognised by: "package.json with fastify". */
  readonly recognisedBy: string;
  /** What could only be guessed, as sentences for whoever reads the configuration. */
  readonly unsure: readonly string[];
}

/** What a detector makes of a folder. */
export type Detection = Omit<DetectedService, "name"> & { readonly name: string };

/** Everything that was found in a repository. */
export interface DetectedProject {
  readonly name: string;
  readonly services: readonly DetectedService[];
  /** The compose files that were read. */
  readonly composeFiles: readonly string[];
  /** What of them the configuration does not have, by file and line. */
  readonly notCarried: readonly NotCarried[];
  /** Whether the repository has `@fairway/config`, which a configuration in TypeScript imports. */
  readonly hasConfigPackage: boolean;
  readonly unsure: readonly string[];
}
