import type { EcsPreviews } from "../environment/ecs-previews.ts";
import type { Millis } from "../units.ts";
import type { Command, Value } from "./project.ts";

/** What the previews of a project are like: environments that live as long as a pull request, or as somebody asks for. */
export interface ProjectPreviews {
  /** The environment whose services, routes and variables they begin from. */
  readonly inherits: string;
  /** What the names of their hosts end with: `fairway.localhost`, `preview.example.com`. */
  readonly domain: string;
  /** The service that answers at the preview's own host; null where it is the last one that has a route. */
  readonly front: string | null;
  /** No service has more of them. */
  readonly replicas: number;
  /** Over those of the environment. */
  readonly variables: Readonly<Record<string, Value>>;
  /** The environment whose feature flags they see; null where they see none. */
  readonly flags: string | null;
  readonly database: {
    /** `schema` where Fairway may make no databases on the server. */
    readonly per: "database" | "schema";
    /** By service, the database on the same server that a preview's begins as a copy of; an empty one where it is not named. */
    readonly copyOf: Readonly<Record<string, string>>;
    /** By service, what fills a new database once its migrations have run; in the folder of the artifact. */
    readonly seed: Readonly<Record<string, Command>>;
  };
  /** Where those services go that the environment has on ECS; left out where they run on Fairway's own machine. */
  readonly ecs?: EcsPreviews | undefined;
  /** Whether each pull request gets one. */
  readonly pullRequests: boolean;
  /** `approve`: once for each commit, and without secrets. */
  readonly forks: "never" | "approve";
  /** How many there may be at once. */
  readonly most: number;
  /** How long nobody asks for it until its replicas are stopped; null where they never are. */
  readonly sleepAfter: Millis | null;
  /** How long nobody asks for it until it is gone. */
  readonly endAfter: Millis;
}
