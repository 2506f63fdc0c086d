import type { ReactElement, ReactNode } from "react";
import type { Question } from "./answered.tsx";
import { Answered } from "./answered.tsx";
import { Page } from "./page.tsx";

/**
 * A page of which everything, its heading too, is in one answer. Until that comes, and when it does not, it is a page all the
 * same: with a heading that says what was asked for, and below it why it is not there.
 */
export function AnsweredPage<Data>({
  question,
  title,
  rows = 8,
  children,
}: {
  readonly question: Question<Data>;
  /** What is asked for, as its address says: "Deployment run-7". */
  readonly title: string;
  readonly rows?: number;
  readonly children: (data: Data) => ReactElement;
}): ReactNode {
  if (question.data !== undefined) return children(question.data);
  return (
    <Page title={title}>
      <Answered question={question} rows={rows}>
        {children}
      </Answered>
    </Page>
  );
}
