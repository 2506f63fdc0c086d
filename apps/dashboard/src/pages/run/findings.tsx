import type { ChecksShape } from "@fairway/api";
import type { ReactElement } from "react";
import { Icon } from "../../components/icons.tsx";
import { FewInList } from "../../components/few-in-list.tsx";

type Result = ChecksShape["results"][number];

const tone = { error: "failed", warning: "waiting", notice: "plain" } as const;

/** What a check found, each with its place. */
export function Findings({ result }: { readonly result: Result }): ReactElement {
  const { summary, annotations, errors, warnings, notices } = result;
  const all = errors + warnings + notices;
  return (
    <details className="card findings" open={errors > 0}>
      <summary>{summary}</summary>
      <ul>
        <FewInList rows={annotations}>
          {({ severity, file, line, column, rule, message }, index) => (
            // Findings have no names, and never change places.
            <li key={index} data-tone={tone[severity]}>
              <Icon name={severity === "error" ? "cross" : "bang"} />
              <div>
                <p>
                  <strong>{severity}</strong> {message}
                </p>
                <p className="muted mono">
                  {[file, line, column].filter((part) => part !== null).join(":")} {rule}
                </p>
              </div>
            </li>
          )}
        </FewInList>
      </ul>
      {all > annotations.length ? <p className="muted">{all - annotations.length} more are not listed.</p> : null}
    </details>
  );
}
