import type { DeployTexts } from "./deploy-texts.ts";
import type { DetectedService, FoundPlatform } from "./detected.ts";
import type { Folder } from "./folder.ts";
import { isRecord } from "./path.ts";

/** A task definition as it lies in a repository. */
interface TaskDefinition {
  readonly file: string;
  readonly family: string | undefined;
  readonly containers: readonly { readonly name: string; readonly image: string }[];
}

const ofEcs =
  /aws-actions\/amazon-ecs-deploy-task-definition@|\baws\s+ecs\s+(?:update-service|register-task-definition)\b|\baws\s+deploy\s+create-deployment\b/u;
const ecsName = /^[\w-]{1,255}$/u;

/**
 * The service that ECS runs, as far as the repository shows it: by a task definition, by the action that deploys one, or by the
 * commands of a workflow or a script. One at most: which of several is meant by which command nobody could tell.
 */
export function detectEcs(
  services: readonly DetectedService[],
  open: (path: string) => Folder,
  texts: DeployTexts,
  project: string,
): readonly FoundPlatform[] {
  const definitions = texts.flatMap(taskDefinitionIn);
  const deploying = texts.filter(({ text }) => ofEcs.test(text));
  const foundBy = deploying[0]?.file ?? definitions[0]?.file;
  if (foundBy === undefined) return [];
  const all = texts.map(({ text }) => text).join("\n");
  const [definition] = definitions;
  const said = {
    cluster: valueOf(all, "--cluster[ =]+|^\\s*cluster:\\s*"),
    service: valueOf(all, "update-service[^#]{0,200}?--service[ =]+|^\\s*service:\\s*"),
    application: valueOf(all, "--application-name[ =]+|^\\s*codedeploy-application:\\s*"),
    group: valueOf(all, "--deployment-group-name[ =]+|^\\s*codedeploy-deployment-group:\\s*"),
    family: definition?.family ?? valueOf(all, "--(?:task-definition|family)[ =]+"),
    region:
      /^\s*aws-region:\s*["']?([a-z]{2}(?:-[a-z]+)+-\d)/mu.exec(all)?.[1] ??
      /--region[ =]+([a-z]{2}(?:-[a-z]+)+-\d)/u.exec(all)?.[1] ??
      /AWS_(?:DEFAULT_)?REGION\s*[:=]\s*["']?([a-z]{2}(?:-[a-z]+)+-\d)/u.exec(all)?.[1] ??
      /\d{12}\.dkr\.ecr\.([a-z\d-]+)\.amazonaws\.com/u.exec(all)?.[1],
    account: /(\d{12})\.dkr\.ecr\./u.exec(all)?.[1] ?? /arn:aws:iam::(\d{12}):/u.exec(all)?.[1],
  };
  const names = [
    said.service,
    said.family,
    said.application,
    ...(definition?.containers ?? []).map(({ name }) => name),
  ];
  const service = whose(services, open, names);
  if (service === undefined) return [];
  const codeDeploy =
    said.application === undefined || said.group === undefined
      ? undefined
      : { application: said.application, group: said.group };
  const container = definition !== undefined && definition.containers.length > 1 ? containerOf(definition) : undefined;
  const there = said.service ?? said.family;
  const { path, requires, prepare, checks, health } = service.config;
  return [
    {
      service: service.name,
      platform: "ecs",
      foundBy,
      isSure: true,
      config: {
        path,
        ...(requires === undefined ? {} : { requires }),
        ...(prepare === undefined ? {} : { prepare }),
        ...(checks === undefined ? {} : { checks }),
        container: {},
        ...(health === undefined ? {} : { health }),
        ...(codeDeploy === undefined ? {} : { strategy: { "blue-green": {} } }),
      },
      environment: {
        ecs: {
          region: said.region ?? "us-east-1",
          ...(said.account === undefined ? {} : { account: said.account }),
          cluster: said.cluster ?? "default",
          services: {
            [service.name]: {
              ...(there === undefined || there === service.name ? {} : { service: there }),
              ...(container === undefined ? {} : { container }),
              ...(codeDeploy === undefined ? {} : { codeDeploy }),
            },
          },
        },
      },
      registry: {
        server: `${said.account ?? "123456789012"}.dkr.ecr.${said.region ?? "us-east-1"}.amazonaws.com/${project}`,
      },
      unsure: [
        ...(said.region === undefined ? ["nothing names the region of AWS; it may not be us-east-1"] : []),
        ...(said.cluster === undefined ? ["nothing names the cluster of ECS; it may not be called default"] : []),
        ...(said.account === undefined
          ? ["nothing names the account of AWS, which `registry` must have in its address"]
          : []),
        ...(said.service === undefined && there !== undefined
          ? [`nothing names the service of ECS; it is taken to be called ${there}, as its task definition is`]
          : []),
      ],
    },
  ];
}

/** The service that is meant by one of these names, else the only one with a Dockerfile. */
function whose(
  services: readonly DetectedService[],
  open: (path: string) => Folder,
  names: readonly (string | undefined)[],
): DetectedService | undefined {
  const withImage = services.filter(
    ({ config }) => config.container !== undefined || open(config.path).has("Dockerfile"),
  );
  const said = names.filter((name) => name !== undefined);
  return (
    withImage.find(({ name }) =>
      said.some((one) => one === name || one.endsWith(`-${name}`) || one.endsWith(`_${name}`)),
    ) ?? (withImage.length === 1 ? withImage[0] : undefined)
  );
}

const containerOf = ({ containers }: TaskDefinition): string | undefined =>
  containers.find(({ image }) => image.includes(".dkr.ecr.") || image === "" || image.includes("$"))?.name ??
  containers[0]?.name;

/** What a text says after these words, where it is written out or by a variable that the text itself sets. */
function valueOf(text: string, after: string): string | undefined {
  const form = new RegExp(String.raw`(?:${after})(\$\{\{[^}\n]*\}\}|[^\s]+)`, "gmu");
  for (const [, written = ""] of text.matchAll(form)) {
    const bare = written.replaceAll(/^["']|["']$/gu, "");
    const [, variable] = /^\$\{?\{?\s*(?:env\.)?([A-Za-z_]\w*)/u.exec(bare) ?? [];
    const set =
      variable === undefined ? bare : new RegExp(String.raw`\b${variable}\s*[:=]\s*["']?([\w-]+)`, "u").exec(text)?.[1];
    if (set !== undefined && ecsName.test(set)) return set;
  }
  return undefined;
}

function taskDefinitionIn({ file, text }: DeployTexts[number]): readonly TaskDefinition[] {
  if (!file.endsWith(".json")) return [];
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    // No task definition then, whatever it is called.
    return [];
  }
  if (!isRecord(read) || !Array.isArray(read["containerDefinitions"])) return [];
  const family = read["family"];
  return [
    {
      file,
      family: typeof family === "string" && ecsName.test(family) ? family : undefined,
      containers: read["containerDefinitions"].flatMap((one: unknown) =>
        isRecord(one) && typeof one["name"] === "string" && ecsName.test(one["name"])
          ? [{ name: one["name"], image: typeof one["image"] === "string" ? one["image"] : "" }]
          : [],
      ),
    },
  ];
}
