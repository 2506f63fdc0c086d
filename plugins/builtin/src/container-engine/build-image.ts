import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { StopSignal } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { ContainerEngine } from "./container-engine.ts";
import { engineWords, statusOf } from "./container-engine.ts";
import { hasCode } from "../process-host/system-error.ts";
import { buildContext } from "./build-context.ts";
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
  /** `linux/arm64`; null for the engine's own. */
  readonly platform?: string | null;
  /** Whether nothing is taken from the cache. */
  readonly afresh?: boolean;
}

/**
 * Builds an image; what the engine says goes to `tell`, line by line. Throws `command_failed` with the line of the
 * Dockerfile when the build fails, `disk_full`, `target_unreachable` when the engine does not answer or goes away, and
 * `not_allowed_now` once `signal` fired. However it ends, nothing of it runs any more.
 */
export async function buildImage(
  engine: ContainerEngine,
  build: ImageBuild,
  tell: (line: string) => void,
  signal: StopSignal = new AbortController().signal,
): Promise<void> {
  const { tag, context, dockerfile } = build;
  const text = await dockerfileText(context, dockerfile);
  const said: string[] = [];
  const end = await carriedOut(engine, build, signal, (line) => {
    said.push(line);
    tell(line);
  });
  if (end.kind === "built") return;
  if (signal.aborted) throw new FairwayError("not_allowed_now", `the build of ${tag} was stopped`);
  if (end.kind === "lost")
    throw new FairwayError("target_unreachable", `could not build ${tag}: ${lossOf(end.thrown, said)}`, {
      cause: end.thrown,
      retryable: true,
    });
  const failure = end.words.trim();
  // What a step of the Dockerfile was refused is in what it said; the engine knows only that it failed.
  if (noRoom.test(failure) || said.slice(-5).some((line) => noRoom.test(line)))
    throw new FairwayError("disk_full", `no room to build ${tag}: ${failure}`, { retryable: true });
  const line = dockerfileLine(text, said.join("\n"));
  const place = line === null ? dockerfile : `${dockerfile}:${line}`;
  throw new FairwayError("command_failed", `${place}: the image cannot be built: ${failure}`);
}

const noRoom = /no space left|disk quota exceeded/i;

const lossOf = (thrown: unknown, said: readonly string[]): string =>
  said.length === 0
    ? "no container engine answers"
    : `the container engine went away in its midst: ${messageOf(thrown)}`;

/** *failed* is the engine's own answer; *lost* means that nobody knows how it ended. */
type BuildEnd =
  | { readonly kind: "built" }
  | { readonly kind: "failed"; readonly words: string }
  | { readonly kind: "lost"; readonly thrown: unknown };

async function carriedOut(
  engine: ContainerEngine,
  { tag, context, dockerfile, args, labels, platform = null, afresh = false }: ImageBuild,
  signal: StopSignal,
  tell: (line: string) => void,
): Promise<BuildEnd> {
  const options = {
    t: tag,
    dockerfile,
    buildargs: { ...args },
    labels: { ...labels },
    rm: true,
    forcerm: true,
    ...(platform === null ? {} : { platform }),
    ...(afresh ? { nocache: true } : {}),
  };
  const { docker, end } = await engine.forBuild();
  // Podman's step ends only by the end of its service; Docker's by the end of the request.
  const request = new AbortController();
  const stop = (): void => {
    request.abort();
    // Whoever waits for the build below waits for this too, and is told when it went wrong.
    end().catch(() => undefined);
  };
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) return { kind: "lost", thrown: new Error("it was stopped before it began") };
    const stream = await docker.buildImage(await buildContext(context, dockerfile), {
      ...options,
      abortSignal: request.signal,
    });
    return await new Promise<BuildEnd>((resolve) => {
      docker.modem.followProgress(
        stream,
        (error, events: readonly BuildEvent[]) => {
          const words = events.find((event) => event.error !== undefined)?.error;
          if (words !== undefined) resolve({ kind: "failed", words });
          else if (error) resolve({ kind: "lost", thrown: error });
          else resolve({ kind: "built" });
        },
        (event: BuildEvent) => {
          for (const line of (event.stream ?? "").split("\n").filter((part) => part.trim() !== "")) tell(line);
        },
      );
    });
  } catch (thrown) {
    return statusOf(thrown) === null ? { kind: "lost", thrown } : { kind: "failed", words: engineWords(thrown) };
  } finally {
    signal.removeEventListener("abort", stop);
    await end();
  }
}

interface BuildEvent {
  readonly stream?: string;
  readonly error?: string;
}

async function dockerfileText(context: string, dockerfile: string): Promise<string> {
  try {
    return await readFile(join(context, dockerfile), "utf8");
  } catch (thrown) {
    if (!hasCode(thrown, "ENOENT", "ENOTDIR")) throw thrown;
    throw new FairwayError("command_failed", `there is no ${dockerfile} in the folder of the build, ${context}`, {
      hint: "Write one, or name it with `dockerfile`, relative to `context`.",
      cause: thrown,
    });
  }
}
