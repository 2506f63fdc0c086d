import type { ChildProcess } from "node:child_process";

/** A process at the other end of a channel, whichever of the two started the other. */
export interface ProcessLink {
  readonly pid: number;
  readonly connected: boolean;
  /** `sent` is called when the message is on its way, or can no longer be. */
  send(message: object, sent?: () => void): void;
  onMessage(heard: (message: unknown) => void): void;
  /** Called once, with how it went. A process that only lost the channel counts as gone: nothing leads to it. */
  onGone(gone: (how: string) => void): void;
  kill(): void;
}

/** The link to a process that this one has started with a channel. */
export function childLink(child: ChildProcess): ProcessLink {
  return {
    pid: child.pid ?? 0,
    get connected() {
      return child.connected;
    },
    send: (message, sent = () => undefined) => {
      if (child.connected) child.send(message, () => sent());
      else sent();
    },
    onMessage: (heard) => child.on("message", heard),
    onGone: (gone) => {
      child.once("error", (error) => gone(error.message));
      child.once("exit", (code, signal) => gone(signal ?? `exit code ${code}`));
    },
    kill: () => child.kill("SIGKILL"),
  };
}

/** The link to the process that has started this one with a channel. */
export function parentLink(): ProcessLink {
  // Asked for now: once the parent is gone it is another's number.
  const pid = process.ppid;
  let gone = false;
  process.once("disconnect", () => (gone = true));
  return {
    pid,
    get connected() {
      return process.connected;
    },
    send: (message, sent = () => undefined) => {
      if (process.connected) process.send?.(message, () => sent());
      else sent();
    },
    onMessage: (heard) => process.on("message", heard),
    onGone: (tell) => process.once("disconnect", () => tell("its channel closed")),
    kill: () => gone || process.kill(pid, "SIGKILL"),
  };
}
