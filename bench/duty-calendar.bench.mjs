import { cronClock } from "@fairway/config";
import { settleDuties } from "@fairway/engine";
import { withDuties } from "./duty-parts.mjs";

export const name = "settling 60,000 missed times of a calendar after a year";
export const goal = { atMost: 30_000 };

const year = 366 * 86_400_000;

export async function run() {
  return withDuties(async ({ store, duties }) => {
    const parts = {
      store,
      duties,
      clock: cronClock,
      now: () => Date.now() + year,
      tell: (message) => console.error(message),
    };
    const began = performance.now();
    const written = await settleDuties(parts);
    const ours = performance.now() - began;
    if (written < 36_500) throw new Error(`only ${written} times were settled`);
    if ((await settleDuties(parts)) !== 0) throw new Error("some were settled twice");
    return { ours, unit: "ms" };
  });
}
