import { createHash } from "node:crypto";
import type { CodeDeployGroup } from "@fairway/core";
import { codeDeployHooks } from "@fairway/core";

/** What CodeDeploy is told of a deployment to ECS. */
export interface AppSpecFacts {
  readonly taskDefinition: string;
  readonly container: string;
  readonly port: number;
  readonly hooks: CodeDeployGroup["hooks"];
}

/**
 * The AppSpec of a deployment with its digest, as CodeDeploy takes it in the call itself. Pure: the same facts give the same
 * bytes. https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
 */
export function appSpec({ taskDefinition, container, port, hooks }: AppSpecFacts): {
  readonly content: string;
  readonly sha256: string;
} {
  const called = codeDeployHooks.flatMap((moment) => {
    const by = hooks[moment];
    return by === undefined ? [] : [{ [moment]: by }];
  });
  const content = JSON.stringify({
    version: 0.0,
    Resources: [
      {
        TargetService: {
          Type: "AWS::ECS::Service",
          Properties: {
            TaskDefinition: taskDefinition,
            LoadBalancerInfo: { ContainerName: container, ContainerPort: port },
          },
        },
      },
    ],
    ...(called.length === 0 ? {} : { Hooks: called }),
  });
  return { content, sha256: createHash("sha256").update(content).digest("hex") };
}

/** The task definition that an AppSpec names; null where it is none of ours. */
export function namedIn(content: string | undefined): string | null {
  const [, named] = /"TaskDefinition":"([^"]+)"/u.exec(content ?? "") ?? [];
  return named ?? null;
}
