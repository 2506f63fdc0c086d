import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { tinykeys } from "tinykeys";
import { isWriting, moveRow, shortcutsAreOn } from "./keys.ts";
import type { Overlay } from "./shell.tsx";
import { useNavigationEntries } from "./use-navigation.ts";

/** Listens to the keys of every page. Those of one page are its own. */
export function useShortcuts(show: (overlay: Overlay) => void): void {
  const router = useRouter();
  const entries = useNavigationEntries();
  useEffect(() => {
    const single = (act: () => void) => (event: KeyboardEvent) => {
      if (!shortcutsAreOn() || isWriting(event.target) || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      act();
    };
    return tinykeys(window, {
      "$mod+k": (event) => {
        event.preventDefault();
        show("palette");
      },
      "Shift+?": single(() => show("shortcuts")),
      j: single(() => moveRow(1)),
      k: single(() => moveRow(-1)),
      "/": single(() => document.querySelector<HTMLElement>("[data-search]")?.focus()),
      ...Object.fromEntries(
        entries.flatMap(({ key, to }) =>
          key === undefined ? [] : [[`g ${key}`, single(() => void router.navigate({ to: to as "/" }))]],
        ),
      ),
    });
  }, [router, entries, show]);
}
