import type { Progress } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";
import { removeGroup } from "./preview-groups.ts";
import type { PreviewMarks } from "./preview-marks.ts";
import { previewGroupName, wakerGroupName } from "./preview-marks.ts";
import { leadNowhere } from "./preview-rules.ts";
import { removePreviewSecret } from "./preview-secret.ts";
import { previewServiceStatus } from "./preview-service.ts";

/** What of a preview's service is where. */
export interface PreviewRemains {
  readonly cluster: string;
  readonly service: string;
  readonly listener: string;
  readonly wake: { readonly host: string; readonly port: number } | null;
  readonly marks: PreviewMarks;
}

/** Takes away all that a preview's service has at AWS: one that is called again goes on where it was stopped. */
export async function removePreview(
  session: AwsSession,
  remains: PreviewRemains,
): Promise<Exclude<Progress, { phase: "failed" }>> {
  const { cluster, service, listener, wake, marks } = remains;
  const [ecs, elb] = [await session.ecs(), await session.elbv2()];
  // Nobody asks for it any more before its tasks end.
  await leadNowhere(elb, listener, marks);
  // The service and the target group tell by their tags that there is a preview still: what nothing tells of goes before them.
  await removePreviewSecret(session, marks);
  if ((await previewServiceStatus(ecs, cluster, service)) === "ACTIVE")
    await ecs.deleteService({ cluster, service, force: true });
  for (;;) {
    const { taskDefinitionArns: left = [] } = await ecs.listTaskDefinitions({
      familyPrefix: service,
      status: "ACTIVE",
      maxResults: 100,
    });
    for (const taskDefinition of left) await ecs.deregisterTaskDefinition({ taskDefinition });
    if (left.length < 100) break;
  }
  // The last preview behind the listener takes it along; until then a rule may need it.
  if (wake !== null) await removeGroup(elb, wakerGroupName(listener, wake));
  if (!(await removeGroup(elb, previewGroupName(marks)))) return waiting("its target group is still in use");
  if ((await previewServiceStatus(ecs, cluster, service).catch(noCluster)) !== null)
    return waiting("ECS ends its tasks");
  return { phase: "succeeded" };
}

const waiting = (message: string): Exclude<Progress, { phase: "failed" }> => ({
  phase: "moving",
  message,
  checkAgainIn: 5_000,
});

/** Where the cluster itself is gone so is what was in it. */
function noCluster(thrown: unknown): null {
  if (awsErrorName(thrown) === "ClusterNotFoundException") return null;
  throw thrown;
}
