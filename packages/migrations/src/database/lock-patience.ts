import type { Millis } from "@fairway/core";

/** A lock that others hold is asked for so often, each time after a longer pause. */
export const mostTries = 6;

/** With an exponent and some chance, so that two who wait for each other do not meet again. */
export const pauseAfter = (tries: number): Millis => 200 * 2 ** tries * (0.5 + Math.random());
