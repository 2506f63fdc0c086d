import { statfs } from "node:fs/promises";
import type { Finding } from "@fairway/api";
import { messageOf } from "@fairway/core";
import type { Store } from "@fairway/engine";
import type { EnvironmentParts } from "./environments.ts";
import { environmentsNow } from "./environments.ts";

export interface DoctorParts extends EnvironmentParts {
  readonly store: Store;
  readonly dataRoot: string;
  /** Where the database is, in words. */
  readonly database: string;
  readonly routerStatus: () => Promise<{ readonly pid: { readonly worker: number }; readonly public: string; readonly connectionLimit: number }>;
}

type Look = () => Promise<Omit<Finding, "what">>;

const fine = (message: string): Omit<Finding, "what"> => ({ state: "ok", message, action: null });
const little = 1024 ** 3;

/** Looks for what is wrong with the machine and the daemon. Finds everything it can; one thing that fails hides no other. */
export async function examine(parts: DoctorParts): Promise<readonly Finding[]> {
  const looks: readonly (readonly [string, Look])[] = [
    ["database", () => database(parts)],
    ["room", () => room(parts.dataRoot)],
    ["router", () => router(parts)],
    ["services", () => services(parts)],
  ];
  return Promise.all(
    looks.map(async ([what, look]) => ({
      what,
      ...(await look().catch((thrown: unknown) => ({ state: "problem" as const, message: messageOf(thrown), action: "see daemon.log in the data directory" }))),
    })),
  );
}

async function database({ store, database: where }: DoctorParts): Promise<Omit<Finding, "what">> {
  const begun = performance.now();
  const [row] = await store.rows<{ version: string }>("select current_setting('server_version') as version");
  return fine(`PostgreSQL ${row?.version} answers in ${(performance.now() - begun).toFixed(1)} ms (${where})`);
}

async function room(root: string): Promise<Omit<Finding, "what">> {
  const { bavail, bsize } = await statfs(root);
  const free = bavail * bsize;
  const message = `${(free / 1024 ** 3).toFixed(1)} GiB free in ${root}`;
  return free >= little ? fine(message) : { state: "warning", message, action: "make room: at least 1 GiB" };
}

async function router({ routerStatus }: DoctorParts): Promise<Omit<Finding, "what">> {
  const status = await routerStatus();
  return fine(`listens on ${status.public} (pid ${status.pid.worker}), up to ${status.connectionLimit} connections`);
}

async function services(parts: DoctorParts): Promise<Omit<Finding, "what">> {
  const all = (await environmentsNow(parts)).flatMap((environment) =>
    environment.services.map((service) => ({ scope: `${environment.name}/${service.name}`, ...service })),
  );
  const ill = all.filter(({ ready, desired }) => ready < desired);
  if (ill.length === 0) return fine(all.length === 0 ? "none run yet" : `all ${all.length} have their replicas ready`);
  const message = ill.map(({ scope, ready, desired }) => `${scope} ${ready}/${desired}`).join(", ");
  return { state: "problem", message, action: "see why: fairway logs SERVICE" };
}
