import type { AuditEntryShape } from "@fairway/api";
import type { AuditAction } from "@fairway/core";
import { actorLabel, auditActions } from "@fairway/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { RelativeTime } from "../../components/relative-time.tsx";

/** One entry of the record: who, what, about what, and with which words. */
export function EntryRow({ entry }: { readonly entry: AuditEntryShape }): ReactElement {
  const { number, at, actor, action, subject, environment, detail } = entry;
  const { owner, ...who } = actor;
  const meaning = Object.hasOwn(auditActions, action) ? auditActions[action as AuditAction] : undefined;
  return (
    <li className="audit-row" data-row tabIndex={0}>
      <span className="audit-number num">{number}</span>
      <span className="audit-who">{actorLabel({ ...who, ...(owner === undefined ? {} : { owner }) })}</span>
      <span className="audit-what">
        <code title={meaning}>{action}</code> <Subject subject={subject} />
        {environment === null ? null : <span className="chip">{environment}</span>}
        <Details detail={detail} />
      </span>
      <span className="audit-when">
        <RelativeTime at={at} />
      </span>
    </li>
  );
}

/** A run leads to its page; everything else is a name. */
function Subject({ subject }: { readonly subject: string }): ReactElement {
  return /^run-\d+$/.test(subject) ? (
    <Link to="/runs/$run" params={{ run: subject }} className="mono">
      {subject}
    </Link>
  ) : (
    <span className="mono">{subject}</span>
  );
}

function Details({ detail }: Pick<AuditEntryShape, "detail">): ReactElement | null {
  const known = Object.entries(detail).filter(([, value]) => value !== null && value !== "");
  if (known.length === 0) return null;
  return (
    <span className="audit-details">
      {known.map(([name, value]) => (
        <span key={name}>
          <span className="muted">{name}</span> <Value value={value} />
        </span>
      ))}
    </span>
  );
}

/** A digest by its beginning, which is enough to tell it from others; all of it when the pointer rests on it. */
function Value({ value }: { readonly value: unknown }): ReactElement {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^(?:sha256:)?[0-9a-f]{40,64}$/.test(text) ? (
    <code title={text}>{text.replace("sha256:", "").slice(0, 12)}…</code>
  ) : (
    <>{text}</>
  );
}
