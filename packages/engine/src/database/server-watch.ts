import { spawn } from "node:child_process";
import type { Socket } from "node:net";

/**
 * Ends the servers in a directory, and removes it, when this process ends, however it ends: a shell waits on a pipe whose other
 * end only we hold, so a SIGKILL closes it too. Exit handlers would not run then.
 */
export function watchServersIn(directory: string): { dismiss(): void } {
  const script = `
    read -r _
    for file in "$1"/*/postmaster.pid "$1"/*/*/postmaster.pid; do
      pid=$(head -n 1 "$file" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
      tries=0
      while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
    done
    # An initdb that was under way has no such file; it ends by itself and may write meanwhile.
    rm -rf "$1" || { sleep 2; rm -rf "$1"; }`;
  const shell = spawn("sh", ["-c", script, "sh", directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
  });
  shell.unref();
  (shell.stdin as Socket).unref();
  return { dismiss: () => shell.stdin.end() };
}
