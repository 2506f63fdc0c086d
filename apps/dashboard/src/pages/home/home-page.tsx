import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered } from "../../components/answered.tsx";
import { Page } from "../../components/page.tsx";

/** What runs where, what is on its way, and what waits for whoever looks. */
export function HomePage(): ReactElement {
  const status = useQuery(asked("status", {}));
  return (
    <Page title="Environments" command="fairway status">
      <Answered question={status}>{({ environments }) => <p>{environments.length}</p>}</Answered>
    </Page>
  );
}
