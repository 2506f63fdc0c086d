import { constants } from "node:os";

/** How a service ended, by what its shim kept: an exit code, or 128 and the number of the signal. */
export function exitReason(code: number | null): string {
  if (code === null) return "ended, and nobody saw how: its shim was ended with it";
  const name = code > 128 ? signalName(code - 128) : null;
  if (name !== null) return `was ended by ${name} (exit code ${code})`;
  if (code === 127) return "exited with code 127: its command, or one that it called, was not found";
  if (code === 126) return "exited with code 126: its command, or one that it called, may not be executed";
  return `exited with code ${code}`;
}

/** `SIGKILL` of 9; null for a number that is none. */
export const signalName = (number: number): string | null =>
  Object.entries(constants.signals).find(([, known]) => known === number)?.[0] ?? null;
