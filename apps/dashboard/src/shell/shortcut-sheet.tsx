import type { ReactElement } from "react";
import { Dialog } from "../components/dialog.tsx";
import { setShortcuts, useShortcutsAreOn } from "./keys.ts";
import { useNavigationEntries } from "./use-navigation.ts";

const everywhere = [
  ["Ctrl K or ⌘ K", "Search pages and actions"],
  ["?", "This sheet"],
  ["j, k", "Next row, row before"],
  ["Enter", "Open the row"],
  ["/", "Search on the page"],
  ["Esc", "Close what is open"],
] as const;

/** All keys there are, and the switch that turns single ones off. */
export function ShortcutSheet({ onClose }: { readonly onClose: () => void }): ReactElement {
  const entries = useNavigationEntries();
  const on = useShortcutsAreOn();
  const going = entries.flatMap(({ key, label }) => (key === undefined ? [] : [[`g ${key}`, label] as const]));
  return (
    <Dialog title="Keyboard shortcuts" kind="sheet" onClose={onClose}>
      <dl className="keys">
        {[...everywhere, ...going].map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input type="checkbox" checked={on} onChange={({ target }) => setShortcuts(target.checked)} />
        Single keys do something
      </label>
    </Dialog>
  );
}
