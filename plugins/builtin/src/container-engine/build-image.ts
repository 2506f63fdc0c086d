import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError, messageOf } from "@fairway/core";
import type { ContainerEngine } from "./container-engine.ts";
import { engineWords, statusOf } from "./container-engine.ts";
import { dockerfileLine } from "./dockerfile-line.ts";

/** What an image is made of. */
export interface ImageBuild {
  readonly tag: string;
  /** Absolute; all of it is sent to the engine, but what its `.dockerignore` leaves out. */
  readonly context: string;
  /** Below the context. */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Builds an image; what the engine says goes to `tell`, line by line. Throws `command_failed` with the line of the
 * Dockerfile when the build fails, `target_unreachable` when the engine does not answer.
 */
export async function buildImage(
  engine: ContainerEngine,
  { tag, context, dockerfile, args, labels }: ImageBuild,
  tell: (line: string) => void,
): Promise<void> {
  const text = await dockerfileText(context, dockerfile);
  const said: string[] = [];
  const options = { t: tag, dockerfile, buildargs: { ...args }, labels: { ...labels }, rm: true, forcerm: true };
  const docker = await engine.connected();
  let failure: string | null;
  try {
    const stream = await docker.buildImage({ context, src: ["."] }, options);
    failure = await new Promise<string | null>((resolve) => {
      docker.modem.followProgress(
        stream,
        (error, events: readonly BuildEvent[]) =>
          resolve(events.find((event) => event.error !== undefined)?.error ?? (error ? messageOf(error) : null)),
        (event: BuildEvent) => {
          for (const line of (event.stream ?? "").split("\n").filter((part) => part.trim() !== "")) {
            said.push(line);
            tell(line);
          }
        },
      );
    });
  } catch (thrown) {
    if (statusOf(thrown) === null)
      throw new FairwayError("target_unreachable", `could not build ${tag}: no container engine answers`, {
        cause: thrown,
        retryable: true,
      });
    failure = engineWords(thrown);
  }
  if (failure === null) return;
  const line = dockerfileLine(text, said.join("\n"));
  const place = line === null ? dockerfile : `${dockerfile}:${line}`;
  if (/no space left/i.test(failure)) throw new FairwayError("disk_full", `no room to build ${tag}: ${failure.trim()}`);
  throw new FairwayError("command_failed", `${place}: the image cannot be built: ${failure.trim()}`);
}

interface BuildEvent {
  readonly stream?: string;
  readonly error?: string;
}

async function dockerfileText(context: string, dockerfile: string): Promise<string> {
  try {
    return await readFile(join(context, dockerfile), "utf8");
  } catch (thrown) {
    throw new FairwayError("command_failed", `there is no ${dockerfile} in ${context}`, { cause: thrown });
  }
}
