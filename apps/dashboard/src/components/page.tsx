import type { ReactElement, ReactNode } from "react";
import { useEffect } from "react";
import { CopyText } from "./copy-text.tsx";

/** A page: its heading, what can be done there, its content, and the command that shows the same. */
export function Page({
  title,
  heading = title,
  lead,
  actions,
  command,
  children,
}: {
  /** Of the browser's tab. */
  readonly title: string;
  /** What stands at the top; the title when left out. */
  readonly heading?: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** The equivalent on the command line. */
  readonly command?: string;
  readonly children: ReactNode;
}): ReactElement {
  useEffect(() => {
    document.title = `${title} · Fairway`;
  }, [title]);
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-words">
          <h1 tabIndex={-1}>{heading}</h1>
          {lead === undefined ? null : <div className="page-lead">{lead}</div>}
        </div>
        {actions === undefined ? null : <div className="page-actions">{actions}</div>}
      </header>
      {children}
      {command === undefined ? null : (
        <footer className="page-foot">
          <span className="muted">On the command line</span>
          <CopyText text={command} label="the command" />
        </footer>
      )}
    </div>
  );
}

/** A part of a page with a heading of its own. */
export function Section({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section className="section">
      <header className="section-head">
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
