import type { ReactElement } from "react";
import type { Theme } from "./theme.ts";
import { setTheme, themes, useTheme } from "./theme.ts";

const words: Readonly<Record<Theme, string>> = { system: "As the system", light: "Light", dark: "Dark" };

/** Chooses how the pages look in this browser. */
export function ThemeChoice(): ReactElement {
  const theme = useTheme();
  return (
    <label className="theme-choice">
      <span className="sr-only">Theme</span>
      <select value={theme} onChange={({ target }) => setTheme(target.value as Theme)}>
        {themes.map((each) => (
          <option key={each} value={each}>
            {words[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
