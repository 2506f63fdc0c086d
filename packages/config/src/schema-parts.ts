import { isIP } from "node:net";
import { z } from "zod";
import { durationForm, longestDuration, millisOf, textOfMillis } from "./duration.ts";

// What every part of the schema is made of. Each message is the end of a sentence that begins with the key.

/** Any text. */
export const text = (must = "must be a text"): z.ZodString => z.string({ error: must });

/** A text of one form. */
export function form(pattern: RegExp, must: string): z.ZodString {
  return text(must).regex(pattern, { error: must });
}

/** A whole number between two bounds, which may be it too. */
export function wholeNumber(least: number, most: number): z.ZodNumber {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

/** A span of time, in milliseconds or as `5m`, of at least so many milliseconds. */
export function duration(least: number): z.ZodType<string | number> {
  const error = `must be a span of time such as "500ms", "30s" or "5m", or a number of milliseconds`;
  const bounds = `must be ${least > 0 ? `at least ${textOfMillis(least)} and ` : ""}at most ${longestDuration / 86_400_000} days`;
  return z
    .union([z.number({ error }).nonnegative({ error }), z.string({ error }).regex(durationForm, { error })], { error })
    .refine(
      (written) => {
        const millis = millisOf(written);
        // What is no span is told so already.
        return millis === undefined || (millis >= least && millis <= longestDuration);
      },
      { error: bounds },
    );
}

/** Ranges of addresses, such as `10.1.0.0/16`; an address alone is a range of one. */
export const privateRanges: z.ZodArray<z.ZodString> = z.array(
  text("must be a range of addresses, such as 10.1.0.0/16").refine(isRange, {
    error: "must be a range of addresses, such as 10.1.0.0/16",
  }),
  { error: "must be a list of ranges" },
);

function isRange(written: string): boolean {
  const [address = "", bits, ...rest] = written.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/u.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
