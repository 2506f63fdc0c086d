import { readFileSync } from "node:fs";
import type { ProcessIdentity } from "../process-host/process-identity.ts";
import { hasProcFiles, identityOf } from "../process-host/process-identity.ts";
import { hasCode } from "../process-host/system-error.ts";
import type { ContainerState } from "./container-life.ts";

/**
 * The first process of a running container, as this machine sees it: while it runs the engine need not be asked, which takes
 * it 10 ms of a processor each time. Null where it cannot be seen to be the container's, in a virtual machine say.
 */
export function processOfContainer({ phase, pid }: ContainerState, container: string): ProcessIdentity | null {
  if (phase !== "running" || pid === null || !hasProcFiles) return null;
  // Engines name a container's control groups for it; a number alone may be anybody's by now.
  return groupsOf(pid).includes(container) ? identityOf(pid) : null;
}

function groupsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8");
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT", "ESRCH", "EACCES")) return "";
    throw thrown;
  }
}
