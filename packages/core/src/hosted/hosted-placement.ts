import type { Argv } from "../project/project.ts";
import type { Millis } from "../units.ts";

/** A header that a page must answer with: these parts, or exactly one of these values. */
export type HeaderRule = { readonly has: readonly string[] } | { readonly oneOf: readonly string[] };

/** What a page must answer with once a release is there. */
export interface PageHeaders {
  readonly path: string;
  readonly headers: Readonly<Record<string, HeaderRule>>;
}

/** What every platform that serves a release's files is told. */
interface HostedPlacement {
  /** Where its API answers. */
  readonly api: string;
  /** The name of the secret with the token. */
  readonly token: string;
  /** Between two looks at it. */
  readonly poll: Millis;
  /** Where pages are asked for their headers; the first address of the service when null. */
  readonly url: string | null;
  readonly pages: readonly PageHeaders[];
}

/** Where one service runs on Vercel. The project is there already. */
export interface VercelPlacement extends HostedPlacement {
  readonly platform: "vercel";
  /** The id or the slug of a team; null for the account of the token. */
  readonly team: string | null;
  /** Its id or its name. */
  readonly project: string;
  /** Whose variables a deployment gets, and whether its domains are those of production. */
  readonly target: "production" | "preview";
  /** What must lead to the release; the project's own production domains when empty. */
  readonly domains: readonly string[];
  /** Variables that the project must have for this target before anything is deployed. */
  readonly needs: readonly string[];
}

/** Where one service runs on Netlify. The site is there already. */
export interface NetlifyPlacement extends HostedPlacement {
  readonly platform: "netlify";
  /** Its id, or its address. */
  readonly site: string;
  /** The branch whose address leads to the release; null where it is published as the site itself. */
  readonly branch: string | null;
}

/** Where one service runs that a platform serves out of its artifact. */
export type Hosted = VercelPlacement | NetlifyPlacement;

/** Stands for the command of a service that only platforms run: nothing of it is started here. */
export const hostedCommand: Argv = ["fairway-hosted"];

/** Whether nothing of a service is ever started on this machine. */
export const isHostedCommand = ([program]: Argv): boolean => program === hostedCommand[0];
