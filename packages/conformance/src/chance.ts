/** A number from 0 to just under 1, as `Math.random` gives it. */
export type Chance = () => number;

/** Chance that comes out the same way for the same seed, so that a failure can be seen again. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  // The generator of Numerical Recipes; its high bits, the ones used here, are good enough to pick moments with.
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
