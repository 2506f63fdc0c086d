import type { EvidenceShape } from "@fairway/api";
import type { ReactElement } from "react";
import { LogText } from "../../components/log-text.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";

/** What failed replicas left: why, how their process ended, what health answered, and their last lines. */
export function Evidence({ evidence }: { readonly evidence: readonly EvidenceShape[] }): ReactElement {
  return (
    <div className="evidence">
      {evidence.map(({ service, replica, release, reason, exit, log, logWithheld, health, keptAt }, index) => (
        <details key={replica} className="card" open={index === 0}>
          <summary>
            <strong>{service}</strong> of {release}: {reason?.split("\n")[0] ?? "failed"}{" "}
            <span className="muted">
              {exitWords(exit)} · <RelativeTime at={keptAt} />
            </span>
          </summary>
          {health.length === 0 ? null : (
            <ul className="evidence-health">
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
      ))}
    </div>
  );
}

function exitWords(exit: EvidenceShape["exit"]): string {
  if (exit === null) return "its process lived";
  if (exit.outOfMemory) return "ended for want of memory";
  return exit.signal === null ? `exit code ${exit.code ?? "unknown"}` : `ended by ${exit.signal}`;
}
