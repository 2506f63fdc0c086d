/** What one browser remembers, each a text. Where storage is forbidden nothing is remembered, and the page works on. */
const names = { theme: "fairway.theme", shortcuts: "fairway.shortcuts" } as const;

type Name = keyof typeof names;
const watchers = new Set<() => void>();
const held = new Map<Name, string | null>();

function read(name: Name): string | null {
  try {
    return localStorage.getItem(names[name]);
  } catch {
    return null; // Forbidden here.
  }
}

function write(name: Name, value: string): void {
  try {
    localStorage.setItem(names[name], value);
  } catch {
    return; // Forbidden here: it holds until the page is left.
  }
}

/** A preference as a store for `useSyncExternalStore`. */
export const preference = (name: Name) => ({
  now: (): string | null => {
    if (!held.has(name)) held.set(name, read(name));
    return held.get(name) ?? null;
  },
  become: (value: string): void => {
    held.set(name, value);
    write(name, value);
    for (const watcher of watchers) watcher();
  },
  subscribe: (watcher: () => void): (() => void) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
});
