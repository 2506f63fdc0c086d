import { nearestName } from "./problems.ts";

/** What is wrong with the name of a time zone and what to write instead; null when it is a good one. */
export function timeZoneProblem(zone: string): { readonly message: string; readonly fix: string } | null {
  if (/^etc\/gmt[+-]/iu.test(zone))
    return {
      message: `${zone} means the opposite of what it says: its hours count to the west`,
      fix: "name a place, such as Europe/Berlin or America/New_York",
    };
  if (!isKnown(zone)) {
    const near = nearestName(zone, [...Intl.supportedValuesOf("timeZone"), "UTC"]);
    return {
      message: `there is no time zone "${zone}"`,
      fix: near === undefined ? "give an IANA name, such as Europe/Berlin, or UTC" : `did you mean "${near}"?`,
    };
  }
  // An abbreviation or an offset knows nothing of summer time, or not the right thing.
  if (!zone.includes("/") && zone.toUpperCase() !== "UTC")
    return {
      message: `"${zone}" does not say which clocks are meant`,
      fix: "name a place, such as Europe/Berlin or America/New_York, or UTC",
    };
  return null;
}

function isKnown(zone: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/u.test(zone)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false; // RangeError: that is the answer
  }
}
