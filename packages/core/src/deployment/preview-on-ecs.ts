import type { RouteRule } from "./traffic-router.ts";
import type { ReleaseId } from "../ids.ts";
import type { HealthCheck } from "./replica-host.ts";

/** A service of a preview on ECS, which is made for it. */
export interface PreviewOnEcs {
  readonly environment: string;
  readonly service: string;
  readonly routes: readonly RouteRule[];
  readonly health: HealthCheck;
  /** Where its container listens; null where only the platform says. */
  readonly port: number | null;
  /** The variables of a release that nobody may read off the platform. */
  readonly secretsOf: (release: ReleaseId) => Promise<Readonly<Record<string, string>>>;
}
