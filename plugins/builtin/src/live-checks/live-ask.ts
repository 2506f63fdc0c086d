import { FairwayError } from "@fairway/core";

/** What `fairway-check` was told. */
export interface LiveAsk {
  readonly words: readonly string[];
  readonly options: {
    readonly variables?: string | undefined;
    readonly data?: string | undefined;
    readonly folder?: string | undefined;
    readonly path?: string | undefined;
    readonly field?: string | undefined;
    readonly service?: readonly string[] | undefined;
    readonly connections?: string | undefined;
    readonly duration?: string | undefined;
    readonly p95?: string | undefined;
    readonly p99?: string | undefined;
    readonly errors?: string | undefined;
    readonly slower?: string | undefined;
  };
  readonly settings: LiveSettings;
  /** A folder for what it leaves; null where nobody wants it. */
  readonly keep: string | null;
}

/** What is asked, of which release, where. */
export interface LiveSettings {
  readonly environment: string;
  readonly release: string;
  readonly sha: string;
  readonly url: string | null;
  /** Where each service is reached. */
  readonly services: Readonly<Record<string, string>>;
  /** Variables of a collection or a journey: all that it was given that is not the machine's. */
  readonly variables: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Of the machine or of Fairway, and no variable of what is asked. */
const notTheirs = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "TERM",
  "TMPDIR",
  "PWD",
  "OLDPWD",
  "SHLVL",
  "CI",
  "_",
  "HOSTNAME",
  "FAIRWAY_SERVICES",
  "FAIRWAY_REPLICAS",
  "FAIRWAY_STABLE",
  "FAIRWAY_BASELINE",
  "FAIRWAY_DEADLINE",
]);

/** Read from the environment that the program was started with. */
export function settingsOf(env: Readonly<Record<string, string | undefined>>): LiveSettings {
  return {
    environment: env["FAIRWAY_ENVIRONMENT"] ?? "",
    release: env["FAIRWAY_RELEASE"] ?? "",
    sha: env["GIT_SHA"] ?? "",
    url: env["FAIRWAY_URL"] ?? null,
    services: jsonIn<Readonly<Record<string, string>>>(env, "FAIRWAY_SERVICES") ?? {},
    variables: Object.fromEntries(
      Object.entries(env).filter((one): one is [string, string] => one[1] !== undefined && !notTheirs.has(one[0])),
    ),
    env,
  };
}

/** A value that the engine passes as JSON; null where it passes none. */
export function jsonIn<Value>(env: Readonly<Record<string, string | undefined>>, name: string): Value | null {
  const text = env[name];
  return text === undefined ? null : (JSON.parse(text) as Value);
}

/** The address that relative ones are of: the environment's own, or that of its one service. Throws `bad_request`. */
export function baseOf({ url, services, environment }: LiveSettings, service?: string): string {
  const [only, ...others] = Object.values(services);
  const found = service === undefined ? (url ?? (others.length === 0 ? only : undefined)) : services[service];
  if (found !== undefined) return found.replace(/\/$/u, "");
  throw new FairwayError(
    "bad_request",
    service === undefined
      ? `nobody says where ${environment} is reached`
      : `the service "${service}" does not run in ${environment}`,
    { hint: service === undefined ? `give the environment a url, or name a service: {{API_URL}}/path` : undefined },
  );
}

/** The headers by which a request is known as ours, and of which release it asks. */
export const ourHeaders = ({ release, sha }: LiveSettings, requestId: string): Readonly<Record<string, string>> => ({
  "x-request-id": requestId,
  "x-fairway-release": release,
  "x-fairway-sha": sha,
});
