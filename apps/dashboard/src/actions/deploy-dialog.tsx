import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked, useChange } from "../api/answers.ts";
import { useWho } from "../api/who.ts";
import { Answered } from "../components/answered.tsx";
import { Confirm } from "../components/confirm.tsx";
import { PlanView } from "../components/plan-view.tsx";

/** Brings a release to an environment, after showing what that does there now. */
export function DeployDialog({
  environment,
  release,
  onClose,
}: {
  readonly environment: string;
  readonly release: string;
  readonly onClose: () => void;
}): ReactElement {
  const router = useRouter();
  const { name } = useWho();
  const plan = useQuery(asked("plan", { environment, release }));
  const deploy = useChange("deploy");
  return (
    <Confirm
      title={`Deploy ${release} to ${environment}`}
      verb={`Deploy ${release}`}
      ready={plan.data !== undefined && plan.data.obstacles.length === 0}
      onClose={onClose}
      act={async () => {
        const { id } = await deploy.mutateAsync({ environment, release, by: name });
        void router.navigate({ to: "/deployments/$run", params: { run: id } });
      }}
    >
      <Answered question={plan}>{(found) => <PlanView plan={found} />}</Answered>
    </Confirm>
  );
}
