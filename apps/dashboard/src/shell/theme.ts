import { useSyncExternalStore } from "react";
import { preference } from "./preferences.ts";

/** `system` follows what the machine is set to. */
export type Theme = "system" | "light" | "dark";
export const themes: readonly Theme[] = ["system", "light", "dark"];

const store = preference("theme");
const themeOf = (kept: string | null): Theme => themes.find((theme) => theme === kept) ?? "system";

/** Sets the theme of this browser, for now and for later. */
export function setTheme(theme: Theme): void {
  store.become(theme);
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** The theme that was chosen in this browser. */
export const useTheme = (): Theme => themeOf(useSyncExternalStore(store.subscribe, store.now));
