import { Cron } from "croner";

/** What is wrong with a line of `on.schedule`, and which of its keys is to blame. */
export interface ScheduleFault {
  readonly at: "cron" | "timezone";
  readonly message: string;
}

/** Looks at a schedule: five fields, no seconds, and a zone that this machine knows. */
export function scheduleFault(cron: string, timezone: string | undefined): ScheduleFault | undefined {
  if (timezone !== undefined && !isZone(timezone)) {
    return { at: "timezone", message: `'${timezone}' is not an IANA time zone` };
  }
  if (cron.trim().split(/\s+/u).length !== 5) return { at: "cron", message: invalidCron };
  try {
    // Only read, never run: no timer is started without a function.
    const pattern = new Cron(cron, { mode: "5-part", timezone: timezone ?? "UTC" });
    return pattern.nextRun() === null ? { at: "cron", message: `'${cron}' never comes` } : undefined;
  } catch {
    return { at: "cron", message: invalidCron }; // The library's words say the same, less plainly.
  }
}

/** GitHub's words. */
const invalidCron = "Invalid cron expression. Expected format: '* * * * *' (minute hour day month weekday)";

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).format() !== "";
  } catch {
    return false; // A RangeError is how the question is answered.
  }
}
