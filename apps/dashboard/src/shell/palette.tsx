import type { RunSummary } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Command } from "cmdk";
import type { ReactElement } from "react";
import { asked } from "../api/answers.ts";
import { Dialog } from "../components/dialog.tsx";
import { StateMark } from "../components/state-mark.tsx";
import { setTheme, themes } from "./theme.ts";
import { useNavigationEntries } from "./use-navigation.ts";

/** Everything by its name: pages, environments, runs, themes. */
export function Palette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const router = useRouter();
  const entries = useNavigationEntries();
  const { data: status } = useQuery(asked("status", {}));
  const { data: runs } = useQuery(asked("runs", { limit: 50 }));
  const go = (to: string): void => {
    onClose();
    void router.navigate({ to: to as "/" });
  };
  return (
    <Dialog title="Search pages and actions" kind="palette" onClose={onClose}>
      <Command label="Search pages and actions" loop>
        <Command.Input autoFocus placeholder="Where to?" className="palette-input" />
        <Command.List className="palette-list">
          <Command.Empty className="palette-empty">Nothing is called that.</Command.Empty>
          <Command.Group heading="Pages">
            {entries.map(({ to, label, key }) => (
              <Command.Item key={to} value={`page ${label}`} onSelect={() => go(to)}>
                {label}
                {key === undefined ? null : <kbd>g {key}</kbd>}
              </Command.Item>
            ))}
          </Command.Group>
          <RunItems heading="On its way" prefix="active" runs={status?.active ?? []} go={go} />
          <RunItems heading="Runs" prefix="run" runs={runs ?? []} go={go} />
          <Command.Group heading="Theme">
            {themes.map((theme) => (
              <Command.Item
                key={theme}
                value={`theme ${theme}`}
                onSelect={() => {
                  setTheme(theme);
                  onClose();
                }}
              >
                Theme: {theme}
              </Command.Item>
            ))}
          </Command.Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}

/** Runs as items; a prefix keeps apart what stands in two groups. */
function RunItems({
  heading,
  prefix,
  runs,
  go,
}: {
  readonly heading: string;
  readonly prefix: string;
  readonly runs: readonly RunSummary[];
  readonly go: (to: string) => void;
}): ReactElement {
  return (
    <Command.Group heading={heading}>
      {runs.map(({ id, title, state, kind }) => (
        <Command.Item
          key={id}
          value={`${prefix} ${id} ${title}`}
          onSelect={() => go(kind === "deployment" ? `/deployments/${id}` : `/runs/${id}`)}
        >
          <StateMark state={state} />
          <span className="cut">{title}</span>
          <span className="muted">{id}</span>
        </Command.Item>
      ))}
    </Command.Group>
  );
}
