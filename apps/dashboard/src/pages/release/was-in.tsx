import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { DeploymentRows } from "../../components/deployment-rows.tsx";

/** The deployments that brought a release somewhere, or tried, the newest first. */
export function WasIn({ release }: { readonly release: string }): ReactElement {
  const deployments = useQuery(asked("deployments", { limit: 200, release }));
  return (
    <Answered question={deployments}>
      {(found) =>
        found.length === 0 ? (
          <EmptyNote title="It was deployed nowhere yet" />
        ) : (
          <DeploymentRows deployments={found} titleOf={({ environment }) => environment} />
        )
      }
    </Answered>
  );
}
