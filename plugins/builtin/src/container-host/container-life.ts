import { setTimeout as delay } from "node:timers/promises";
import type { Bytes, Millis } from "@fairway/core";
import { messageOf, textOfBytes } from "@fairway/core";
import type { ContainerEngine } from "../container-engine/container-engine.ts";
import { exitReason } from "../process-host/exit-reason.ts";

/** A container as the engine finds it. */
export interface ContainerState {
  /** *waiting* was made and never started; *gone* is not on record at the engine. */
  readonly phase: "waiting" | "running" | "ended" | "gone";
  readonly pid: number | null;
  readonly exitCode: number | null;
  readonly ranOutOfMemory: boolean;
  /** What it wants to be told to end with. */
  readonly stopSignal: string;
}

/** 128 and the number of SIGKILL. */
const killedCode = 137;

const gone: ContainerState = { phase: "gone", pid: null, exitCode: null, ranOutOfMemory: false, stopSignal: "SIGTERM" };

/** Looks at a container by its id or name. */
export async function containerState(engine: ContainerEngine, container: string): Promise<ContainerState> {
  for (let asked = 1; ; asked++) {
    try {
      return await lookedAt(engine, container);
    } catch (thrown) {
      if (asked >= asksWhileItEnds || !endsMeanwhile.test(messageOf(thrown))) throw thrown;
      await delay(askedAgainIn);
    }
  }
}

/** Podman looks for the control group of a process that ends at this very moment, and gives up: the next look sees the end. */
const endsMeanwhile = /\/proc\/\d+\/cgroup: no such (?:process|file)/;
const askedAgainIn: Millis = 20;
const asksWhileItEnds = 100;

const lookedAt = (engine: ContainerEngine, container: string): Promise<ContainerState> =>
  engine.call<ContainerState>(
    "look at a container",
    async (docker) => {
      const { State, Config } = await docker.getContainer(container).inspect();
      const { StopSignal } = Config as { readonly StopSignal?: string };
      return {
        // Paused counts as running, and so does what is about to end: something of it is there.
        phase: State.Running || State.Paused || isEnding(State.Status) ? "running" : phaseOf(State.Status),
        pid: State.Pid > 0 ? State.Pid : null,
        exitCode: State.ExitCode,
        ranOutOfMemory: State.OOMKilled,
        stopSignal: signalOf(StopSignal),
      };
    },
    { 404: () => gone },
  );

const isEnding = (status: string): boolean => ["stopping", "removing", "restarting"].includes(status);
const phaseOf = (status: string): "waiting" | "ended" =>
  ["created", "configured", "initialized"].includes(status) ? "waiting" : "ended";

/** Podman tells the number, Docker the word, and neither when the image does not say. */
function signalOf(said: string | undefined): string {
  if (said === undefined || said === "" || said === "0") return "SIGTERM";
  return said;
}

/** How a container ended, as a sentence. */
export function endReason({ phase, exitCode, ranOutOfMemory }: ContainerState, memory: Bytes | undefined): string {
  if (phase === "gone") return "its container was removed by somebody else";
  if (memory === undefined) return exitReason(exitCode);
  if (ranOutOfMemory) return `was ended for using more than ${textOfBytes(memory)}`;
  // Podman does not see it in control groups of the first version.
  return exitCode === killedCode
    ? `${exitReason(exitCode)}, perhaps by the kernel for using more than ${textOfBytes(memory)}`
    : exitReason(exitCode);
}
