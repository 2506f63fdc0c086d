import type { EvidenceShape } from "@fairway/api";
import type { ReactElement } from "react";
import { FewAtATime } from "../../components/few-at-a-time.tsx";
import { LogText } from "../../components/log-text.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";

/** What failed replicas left: why, how their process ended, what health answered, and their last lines. */
export function Evidence({ evidence }: { readonly evidence: readonly EvidenceShape[] }): ReactElement {
  const [first, ...others] = evidence;
  return (
    <div className="evidence">
      {first === undefined ? null : <OfReplica evidence={first} open />}
      {others.length === 0 ? null : (
        <details className="evidence-more">
          <summary>
            {others.length} more {others.length === 1 ? "replica" : "replicas"} failed
          </summary>
          <div className="evidence">
            <FewAtATime rows={others} page={20}>
              {(shown) => shown.map((each) => <OfReplica key={each.replica} evidence={each} open={false} />)}
            </FewAtATime>
          </div>
        </details>
      )}
    </div>
  );
}

function OfReplica({
  evidence: { replica, reason, exit, log, logWithheld, health, keptAt },
  open,
}: {
  readonly evidence: EvidenceShape;
  readonly open: boolean;
}): ReactElement {
  return (
    <details className="card" open={open}>
      <summary>
        <strong className="mono">{replica}</strong>{" "}
        <span className="muted">
          {exit === null ? (reason?.split("\n")[0] ?? "failed") : exitWords(exit)} · <RelativeTime at={keptAt} />
        </span>
      </summary>
      {health.length === 0 ? null : (
        <ul className="evidence-health" aria-label="What its health answered">
          {health.map(({ at, status, body, took, error }) => (
            <li key={at}>
              <code>{status ?? "no answer"}</code> <span className="num muted">{took} ms</span> {error ?? body}
            </li>
          ))}
        </ul>
      )}
      {logWithheld === null ? (
        log.length === 0 ? (
          <p className="muted">It wrote nothing.</p>
        ) : (
          <pre className="log-block" tabIndex={0} aria-label={`Last lines of ${replica}`}>
            {log.map((line, at) => (
              // Lines have no names, and never change places.
              <span key={at} className="log-block-line">
                <LogText text={line} />
                {"\n"}
              </span>
            ))}
          </pre>
        )
      ) : (
        <p className="muted">Its lines are not shown: {logWithheld}</p>
      )}
    </details>
  );
}

function exitWords(exit: NonNullable<EvidenceShape["exit"]>): string {
  if (exit.outOfMemory) return "ended for want of memory";
  return exit.signal === null ? `exit code ${exit.code ?? "unknown"}` : `ended by ${exit.signal}`;
}
