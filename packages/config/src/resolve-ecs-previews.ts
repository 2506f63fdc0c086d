import type { ProjectPreviews } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { ProjectConfig } from "./project-config.ts";

const at: Path = ["previews", "ecs"];

/** Where previews run on ECS, reached as their environment's services are; nothing where they do not. */
export function resolveEcsPreviews(
  config: ProjectConfig,
  inherits: string,
  ledger: Ledger,
): Pick<ProjectPreviews, "ecs"> {
  const written = config.previews?.ecs;
  const base = config.environments?.[inherits]?.ecs;
  if (written === undefined || base === undefined) return {};
  const [host = "", port = ""] = written.wake?.split(":") ?? [];
  return {
    ecs: {
      owner: config.name,
      region: base.region,
      account: base.account ?? null,
      profile: base.profile ?? null,
      role: base.role ?? null,
      ...(base.identity === undefined ? {} : { identity: base.identity }),
      poll: (base.poll === undefined ? null : millisOf(base.poll)) ?? 15_000,
      cluster: ledger.own([...at, "cluster"], written.cluster, base.cluster),
      listener: ledger.own([...at, "listener"], written.listener, ""),
      protocol: ledger.own<"http" | "https">([...at, "protocol"], written.protocol, "https"),
      wake: ledger.own<{ readonly host: string; readonly port: number } | null>(
        [...at, "wake"],
        written.wake === undefined ? undefined : { host, port: Number(port) },
        null,
      ),
      taskRole: ledger.own<string | null>([...at, "taskRole"], written.taskRole, null),
    },
  };
}
