import { isRecord, type Path } from "../path.ts";
import type { Health, Limits, ServiceConfig } from "../project-config.ts";
import { ofDeploy } from "./compose-reasons.ts";
import { sizeOf, spanOf, textOf } from "./compose-values.ts";
import type { ComposeService } from "./read-compose.ts";

type Keys = ComposeService["keys"];
/** Tells why a key, or what is below it, is not taken. */
type Leave = (key: string, why: string, below?: Path) => void;

/** The path that a health check asks over HTTP; undefined where there is none, or it is a command. */
export function healthOf(keys: Keys, leave: Leave): Health | undefined {
  const { healthcheck } = keys;
  if (!isRecord(healthcheck)) return undefined;
  const { test, interval, timeout, start_period: startPeriod, disable } = healthcheck;
  const said = Array.isArray(test) ? test.map(textOf).join(" ") : textOf(test);
  if (disable === true || said === "NONE") return undefined;
  const path = /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d+)?(\/[!-~]*)?/u.exec(said);
  if (path === null) {
    leave("healthcheck", `is a command (${said.slice(0, 60)}), and replicas are asked over HTTP`);
    return undefined;
  }
  const asked = (path[1] ?? "/").replace(/["'|);&].*$/u, "") || "/";
  const spans = Object.fromEntries(
    Object.entries({ interval, timeout, startWithin: startPeriod }).flatMap(([key, value]) => {
      const span = spanOf(value);
      return span === undefined ? [] : [[key, span]];
    }),
  );
  return Object.keys(spans).length === 0 ? asked : { path: asked, ...spans };
}

/** Memory and processors that it may take. */
export function limitsOf(keys: Keys, leave: Leave): Limits | undefined {
  const deploy = isRecord(keys["deploy"]) ? keys["deploy"] : {};
  const resources = isRecord(deploy["resources"]) ? deploy["resources"] : {};
  const limits = isRecord(resources["limits"]) ? resources["limits"] : {};
  if (resources["reservations"] !== undefined)
    leave("deploy", "nothing is reserved; limits are kept", ["resources", "reservations"]);
  for (const key of Object.keys(limits))
    if (key !== "memory" && key !== "cpus") leave("deploy", `${key} is no limit here`, ["resources", "limits", key]);
  const memory = sizeOf(limits["memory"] ?? keys["mem_limit"]);
  const cpus = Number(limits["cpus"] ?? keys["cpus"] ?? Number.NaN);
  const found = {
    ...(memory === undefined ? {} : { memory }),
    ...(cpus >= 0.05 && cpus <= 1024 ? { cpus } : {}),
  };
  return Object.keys(found).length > 0 ? found : undefined;
}

/** How many of it are to run. */
export function replicasOf(keys: Keys, leave: Leave): number | undefined {
  const deploy = isRecord(keys["deploy"]) ? keys["deploy"] : {};
  for (const key of Object.keys(deploy))
    if (key !== "replicas" && key !== "resources") leave("deploy", ofDeploy[key] ?? "has no counterpart", [key]);
  const said = Number(deploy["replicas"] ?? keys["scale"] ?? Number.NaN);
  return Number.isInteger(said) && said >= 0 && said <= 100 ? said : undefined;
}

/** What it gets to end by itself. */
export function stopOf(keys: Keys): ServiceConfig["stop"] {
  const grace = spanOf(keys["stop_grace_period"]);
  return grace === undefined ? undefined : { grace };
}
