import type { Argv } from "./project.ts";

/** How a service whose artifact is files is served. */
export interface StaticSite {
  /** The file that answers for every unknown page of a single-page application, relative to the artifact. */
  readonly fallback: string | null;
  readonly healthPath: string;
}

/** The program that serves them; whoever starts replicas knows where it is. */
export const staticServerProgram = "fairway-static-server";

/** The command of a replica that serves files. */
export const staticCommand = ({ fallback, healthPath }: StaticSite): Argv => [
  staticServerProgram,
  ...(fallback === null ? [] : ["--fallback", fallback]),
  "--health",
  healthPath,
];
