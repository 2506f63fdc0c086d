import type { FlagShape } from "@fairway/api";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { KillDialog, RollOutDialog, SwitchDialog } from "./flag-dialogs.tsx";

/** One flag: what it gives now, and what can be done about it. */
export function FlagRow({ flag, open }: { readonly flag: FlagShape; readonly open: boolean }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"switch" | "rollout" | "kill" | null>(null);
  const { environment, key, gives, changedAt, definition } = flag;
  const on = definition.state === "ENABLED";
  const possible = may("change", environment);
  const close = (): void => ask(null);
  return (
    <li className="flag">
      <span className="chip" data-tone={on ? "good" : "plain"}>
        {on ? "on" : "off"}
      </span>
      <div className="flag-words">
        <Link
          to="/flags"
          search={open ? { environment } : { environment, flag: key }}
          className="flag-key"
          aria-expanded={open}
          data-row
        >
          {key}
        </Link>
        <p className="muted">
          {gives} · <RelativeTime at={changedAt} />
        </p>
      </div>
      <div className="row row-wrap">
        <ActionButton small possible={possible} onPress={() => ask("rollout")}>
          Roll out …
        </ActionButton>
        <ActionButton small possible={possible} onPress={() => ask("switch")}>
          {on ? "Turn off" : "Turn on"}
        </ActionButton>
        <ActionButton small tone="danger" possible={may("change", null)} onPress={() => ask("kill")}>
          Kill
        </ActionButton>
      </div>
      {asks === "switch" ? <SwitchDialog flag={flag} onClose={close} /> : null}
      {asks === "rollout" ? <RollOutDialog flag={flag} onClose={close} /> : null}
      {asks === "kill" ? <KillDialog flag={flag} onClose={close} /> : null}
    </li>
  );
}
