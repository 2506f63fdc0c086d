import type { NotCarried } from "./compose/from-compose.ts";
import type { EnvironmentConfig, ProjectConfig, ServiceConfig } from "./project-config.ts";

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

/** A platform that serves a service today, or may, and what the configuration would be with it. */
export interface FoundPlatform {
  readonly service: string;
  readonly platform: "vercel" | "ecs";
  /** The file that shows it, or what it was recognised by. */
  readonly foundBy: string;
  /** False where it only could be so. */
  readonly isSure: boolean;
  /** Takes the place of what the service is without the platform. */
  readonly config: ServiceConfig & { readonly path: string };
  /** What production has in addition. */
  readonly environment: Pick<EnvironmentConfig, "vercel" | "ecs">;
  readonly registry?: NonNullable<ProjectConfig["registry"]>;
  /** What could only be guessed, as sentences. */
  readonly unsure: readonly string[];
}

/** Everything that was found in a repository. */
export interface DetectedProject {
  readonly name: string;
  readonly services: readonly DetectedService[];
  /** Where services run today, as far as the repository shows it. */
  readonly platforms: readonly FoundPlatform[];
  /** The compose files that were read. */
  readonly composeFiles: readonly string[];
  /** What of them the configuration does not have, by file and line. */
  readonly notCarried: readonly NotCarried[];
  /** Whether the repository has `@fairway/config`, which a configuration in TypeScript imports. */
  readonly hasConfigPackage: boolean;
  readonly unsure: readonly string[];
}
