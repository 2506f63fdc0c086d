import { useSyncExternalStore } from "react";
import { nextRow } from "./next-row.ts";
import { preference } from "./preferences.ts";

const store = preference("shortcuts");

/** Whether single keys do anything. They can be switched off, for those whose speech or hands press keys by accident. */
export const shortcutsAreOn = (): boolean => store.now() !== "off";
export const useShortcutsAreOn = (): boolean => useSyncExternalStore(store.subscribe, shortcutsAreOn);
/** Switches single keys on or off, for now and for later. */
export const setShortcuts = (on: boolean): void => store.become(on ? "on" : "off");

/** Whether somebody writes text, where single keys are letters. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Where the focus came to what shows more rows, which then stands after them or is gone. */
let cameTo: number | null = null;

/**
 * Moves the focus to the next row of a list, or the one before: what `j` and `k` do. Rows are marked `data-row`, and so is what
 * shows more of them, with `data-more` too: once it has done so, the first of those is the next.
 */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")].filter(
    (row) => row.offsetParent !== null,
  );
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const nextAt = nextRow({ count: rows.length, at, by, cameTo });
  const next = nextAt === null ? undefined : rows[nextAt];
  cameTo = next?.dataset["more"] === undefined ? null : nextAt;
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
