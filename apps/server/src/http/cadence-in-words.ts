import type { Cadence } from "@fairway/core";
import cronstrue from "cronstrue";

/** When a duty is owed, as people say it. */
export function cadenceInWords(cadence: Cadence): string {
  switch (cadence.kind) {
    case "anchored":
    case "rolling": {
      const { months, days } = cadence.every;
      const parts = [...(months > 0 ? [`${months} months`] : []), ...(days > 0 ? [`${days} days`] : [])];
      return `every ${parts.join(" and ").replace(/^1 (month|day)s$/, "$1")}${cadence.kind === "rolling" ? " since the last time" : ""}`;
    }
    case "cron":
      return scheduleInWords(cadence.cron);
    case "release":
      return cadence.wait === 0 ? "for each release" : `for each release, ${cadence.wait / 3_600_000} hours before`;
    case "standing":
      return "always";
    case "until":
      return `before it ends on ${cadence.end.slice(0, 10)}`;
  }
}

/** A schedule that is in force may be one that nothing here has words for: then it is shown as it was written. */
function scheduleInWords(cron: string): string {
  try {
    const times = cronstrue.toString(cron, { use24HourTimeFormat: true });
    return `${times.charAt(0).toLowerCase()}${times.slice(1)} (UTC)`;
  } catch {
    return `at ${cron} (UTC)`;
  }
}
