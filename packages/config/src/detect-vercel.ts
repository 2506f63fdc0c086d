import { posix } from "node:path";
import type { DetectedService, FoundPlatform } from "./detected.ts";
import type { DeployTexts } from "./deploy-texts.ts";
import type { Folder } from "./folder.ts";
import { isRecord } from "./path.ts";
import type { ServiceConfig, TimedCommand } from "./project-config.ts";

/** The version of Vercel's own program that Fairway's adapter was tried with. */
const program = "vercel@60.1.3";

interface Link {
  readonly foundBy: string;
  /** Where `vercel` is called, from the repository's root. */
  readonly at: string;
  readonly project: string | undefined;
  readonly owner: string | undefined;
}

/**
 * The services that Vercel serves, as far as the repository shows it: what was linked to a project, what has a vercel.json,
 * what a workflow deploys, and a Next.js app, which may be.
 */
export function detectVercel(
  services: readonly DetectedService[],
  open: (path: string) => Folder,
  texts: DeployTexts,
): readonly FoundPlatform[] {
  const isPage = ({ recognisedBy }: DetectedService): boolean => /with (?:next|nuxt|vite)$/u.test(recognisedBy);
  const pages = services.filter(isPage);
  const atRoot = linkIn(open("."), ".");
  const byWorkflow = texts.find(({ text }) => /amondnet\/vercel-action@|\bvercel\b.*(?:deploy|--prod)\b/u.test(text));
  return services.flatMap((service): readonly FoundPlatform[] => {
    const { path } = service.config;
    const own = path === "." ? null : linkIn(open(path), path);
    // What lies at the root, or in a workflow, does not say whose it is where several could be meant.
    const isMeant = pages.length === 1 ? pages[0] === service : path === ".";
    const elsewhere: Link | null = !isMeant
      ? null
      : (atRoot ??
        (byWorkflow === undefined
          ? null
          : { foundBy: byWorkflow.file, at: path, project: undefined, owner: undefined }));
    const link = own ?? elsewhere;
    if (link !== null) return [onVercel(service, link, true)];
    return service.recognisedBy.endsWith("with next")
      ? [onVercel(service, { foundBy: "next", at: path, project: undefined, owner: undefined }, false)]
      : [];
  });
}

function linkIn(folder: Folder, at: string): Link | null {
  const named = (file: string): string => (at === "." ? file : `${at}/${file}`);
  const linked = folder.read(".vercel/project.json");
  if (linked !== undefined) {
    const { projectId, orgId } = recordIn(linked);
    const id = (value: unknown): string | undefined =>
      typeof value === "string" && /^[\w.-]{1,100}$/u.test(value) ? value : undefined;
    return { foundBy: named(".vercel/project.json"), at, project: id(projectId), owner: id(orgId) };
  }
  return folder.has("vercel.json") ? { foundBy: named("vercel.json"), at, project: undefined, owner: undefined } : null;
}

function onVercel({ name, config }: DetectedService, link: Link, isSure: boolean): FoundPlatform {
  const { path, requires, prepare, checks } = config;
  const cwd = posix.relative(path, link.at);
  // The id of a project and of its owner are no secrets; who has not linked it keeps them where the token is.
  const env: NonNullable<ServiceConfig["env"]> = {
    VERCEL_TOKEN: { secret: "VERCEL_TOKEN" },
    VERCEL_ORG_ID: link.owner ?? { secret: "VERCEL_ORG_ID" },
    VERCEL_PROJECT_ID: link.project ?? { secret: "VERCEL_PROJECT_ID" },
  };
  const called = (words: string, more: object = {}): TimedCommand => {
    const command = `npx --yes ${program} ${words}`;
    const about = { ...(cwd === "" ? {} : { cwd }), ...more };
    return Object.keys(about).length === 0 ? command : { command, ...about };
  };
  const service: ServiceConfig & { readonly path: string } = {
    path,
    ...(requires === undefined ? {} : { requires }),
    ...(prepare === undefined ? {} : { prepare }),
    ...(checks === undefined ? {} : { checks }),
    build: {
      commands: [called("pull --yes --environment=production", { env }), called("build --prod --yes --standalone")],
      output: posix.join(cwd, ".vercel/output"),
    },
  };
  const team = link.owner?.startsWith("team_") === true ? link.owner : undefined;
  return {
    service: name,
    platform: "vercel",
    foundBy: link.foundBy,
    isSure,
    config: service,
    environment: {
      vercel: {
        token: { secret: "VERCEL_TOKEN" },
        ...(team === undefined ? {} : { team }),
        services: { [name]: link.project === undefined ? {} : { project: link.project } },
      },
    },
    unsure: [
      ...(link.project === undefined ? ["the project on Vercel is taken to be called as the service is"] : []),
      `the build pulls production's settings and variables with the secret VERCEL_TOKEN${link.project === undefined || link.owner === undefined ? ", VERCEL_ORG_ID and VERCEL_PROJECT_ID" : ""} of the scope build`,
    ],
  };
}

function recordIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text);
    return isRecord(read) ? read : {};
  } catch {
    // A link that cannot be read is still a link; whose it is then stays open, and is said.
    return {};
  }
}
