import { useSyncExternalStore } from "react";
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

/** Moves the focus to the next row of a list, or the one before: what `j` and `k` do. Rows are marked `data-row`. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")].filter(
    (row) => row.offsetParent !== null,
  );
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const next = rows[at === -1 ? (by === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
