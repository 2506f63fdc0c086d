import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import { usualOptions, type DaemonOptions, type Remembered } from "./daemon-options.ts";
import type { RouterChange } from "./router-control.ts";
import { writeWhole } from "./write-whole.ts";

const file = "options.json";

/** What the last daemon of a data directory was told, and what of it was ever said; else what is usual. */
export async function rememberedOptions(dataDirectory: string): Promise<Remembered> {
  const path = join(dataDirectory, file);
  try {
    return understood(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return usualOptions;
    throw new FairwayError("data_directory_unusable", `cannot read ${path}`, {
      cause,
      hint: "remove it, and say the options of fairway up again",
    });
  }
}

/** Keeps what a daemon was told for the next one that is told nothing. Written when it answers: what failed is not kept. */
export async function rememberOptions(options: DaemonOptions): Promise<void> {
  const { dataDirectory, repository: _repository, host: _host, ...said } = options;
  await writeWhole(join(dataDirectory, file), `${JSON.stringify(said satisfies Remembered, null, 2)}\n`);
}

/** What a daemon was told, once its router has taken a change that it was not started with. */
export function changedBy(
  { workers, accessLogSample }: RouterChange,
  { dataDirectory, repository, host }: DaemonOptions,
  before: Remembered,
): DaemonOptions {
  const { accessLogSample: logged, ...rest } = before;
  const sample = accessLogSample === undefined ? logged : (accessLogSample ?? undefined);
  return {
    ...{ ...rest, dataDirectory, repository, host },
    ...(sample === undefined ? {} : { accessLogSample: sample }),
    ...(workers === undefined ? {} : { routerWorkers: workers }),
  };
}

/** Whatever a person may have made of the file by hand: a port that is none must not be taken for one. */
function understood(found: unknown): Remembered {
  if (typeof found !== "object" || found === null) throw new TypeError("it is no object");
  const said = found as Partial<Record<keyof Remembered, unknown>>;
  const known = [
    "port",
    "routerPort",
    "internalPort",
    "tlsPort",
    "routerWorkers",
    "accessLogSample",
    "cacheLimit",
  ] as const;
  for (const name of known) {
    const value = said[name];
    if (value !== undefined && !(typeof value === "number" && value >= 0 && value <= 65_535))
      throw new TypeError(`${name} is no number that it could be`);
  }
  const texts = ["router", "routerHost", "containerEngine", "stepsUser", "allowPrivate"] as const;
  for (const name of [...texts, "listen", "publicUrl", "tlsCert", "tlsKey", "oidc", "trustedProxies"] as const)
    if (said[name] !== undefined && typeof said[name] !== "string") throw new TypeError(`${name} is no text`);
  return { ...usualOptions, ...(said as Partial<Remembered>) };
}
