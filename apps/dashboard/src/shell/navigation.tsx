import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useSyncExternalStore } from "react";
import { asked } from "../api/answers.ts";
import { connectionStore } from "../api/live.ts";
import { useWho } from "../api/who.ts";
import { Icon } from "../components/icons.tsx";
import { classNames } from "../text/class-names.ts";
import { navigationGroups } from "./navigation-entries.ts";
import type { Overlay } from "./shell.tsx";
import { ThemeChoice } from "./theme-choice.tsx";
import { useNavigationEntries } from "./use-navigation.ts";

/** The pages, at the side; on a narrow screen behind a button at the top. */
export function Navigation({
  open,
  show,
}: {
  readonly open: boolean;
  readonly show: (overlay: Overlay) => void;
}): ReactElement {
  const entries = useNavigationEntries();
  const { data: me } = useQuery(asked("me", {}));
  return (
    <div className={classNames("side", open && "side-open")}>
      <div className="side-top">
        <Link to="/" className="brand" onClick={() => show(null)}>
          <Logo />
          <span className="brand-words">
            <span className="brand-name">Fairway</span>
            <span className="brand-project">{me?.project ?? ""}</span>
          </span>
        </Link>
        <button
          type="button"
          className="icon-button side-search"
          aria-label="Search pages and actions"
          onClick={() => show("palette")}
        >
          <Icon name="search" />
        </button>
        <button
          type="button"
          className="icon-button side-toggle"
          aria-expanded={open}
          aria-controls="navigation"
          aria-label="Pages"
          onClick={() => show(open ? null : "navigation")}
        >
          <Icon name={open ? "cross" : "menu"} />
        </button>
      </div>
      <div className="side-rest" id="navigation">
        <button type="button" className="search-button" onClick={() => show("palette")}>
          <Icon name="search" />
          <span>Search …</span>
          <kbd>{commandKey}K</kbd>
        </button>
        <nav aria-label="Pages">
          {(Object.keys(navigationGroups) as (keyof typeof navigationGroups)[]).map((group) => {
            const inGroup = entries.filter((entry) => entry.group === group);
            return inGroup.length === 0 ? null : (
              <div key={group} className="side-group">
                <p className="side-title">{navigationGroups[group]}</p>
                <ul>
                  {inGroup.map(({ to, label }) => (
                    <li key={to}>
                      <Link
                        to={to as "/"}
                        className="side-link"
                        activeOptions={{ exact: to === "/" }}
                        onClick={() => show(null)}
                      >
                        {label}
                      </Link>
                    </li>
                  ))}
                </ul>
              </div>
            );
          })}
        </nav>
        <div className="side-foot">
          <WhoIsHere />
          <div className="side-controls">
            <ThemeChoice />
            <button
              type="button"
              className="icon-button"
              aria-label="Keyboard shortcuts"
              onClick={() => show("shortcuts")}
            >
              <span aria-hidden="true">?</span>
            </button>
          </div>
        </div>
      </div>
    </div>
  );
}

const commandKey = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? "⌘" : "Ctrl ";

function WhoIsHere(): ReactElement {
  const { name, singleUser } = useWho();
  const connection = useSyncExternalStore(connectionStore.subscribe, connectionStore.now);
  const words = { live: "Live", connecting: "Connecting", away: "Away" } as const;
  return (
    <div className="who">
      <span className="live" data-connection={connection}>
        {words[connection]}
      </span>
      <span
        className="who-name"
        title={singleUser ? "Nobody logs in here: whoever sits at this machine may do everything" : undefined}
      >
        {singleUser ? "This machine" : name}
      </span>
    </div>
  );
}

function Logo(): ReactElement {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M10 24.5V8.5h11.5M10 16.3h8.5" />
      <circle cx="22" cy="23" r="2.6" />
    </svg>
  );
}
