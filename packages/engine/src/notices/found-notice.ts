import type { Notice } from "@fairway/core";
import type { AskedGate } from "./personal-notices.ts";

/** What is told of an event, and by what it is known again when it is found out twice. */
export interface FoundNotice {
  readonly about: string;
  readonly notice: Omit<Notice, "id" | "at">;
  /** The gate that it asks about, where a link may answer it. */
  readonly gate?: AskedGate | undefined;
}

/** What an event says beside what it is about. */
export type Body = Readonly<Record<string, unknown>>;

/** What an event's body says in a field, where it says anything. */
export const word = (value: unknown, otherwise = ""): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : otherwise;
