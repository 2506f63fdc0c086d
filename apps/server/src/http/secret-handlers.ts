import type { SecretShape } from "@fairway/api";
import type { Project, SecretFacts } from "@fairway/core";
import { FairwayError, codeOf, consumersOf } from "@fairway/core";
import type { SecretControl } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

/** What is needed to change secrets. */
export interface SecretHandlerParts {
  readonly secrets: SecretControl;
  /** Where keys lie, in words. */
  readonly keyPlace: string;
  /** The configuration that says what environments there are, and who is given what. */
  readonly project: () => Promise<Project>;
}

type SecretOperations = "secrets" | "setSecret" | "importSecrets" | "rollBackSecret" | "removeSecret" | "rotateKey";

/** What is asked of the store of secrets. No answer and no refusal holds a value. */
export function secretHandlers({ secrets, keyPlace, project }: SecretHandlerParts): Pick<Handlers, SecretOperations> {
  return {
    secrets: async ({ environment }) => {
      const facts = await secrets.list();
      const configured = await known(project);
      return facts
        .filter((one) => environment === undefined || one.environment === environment || one.environment === null)
        .map((one) => secretView(one, facts, configured));
    },
    setSecret: async ({ environment, name, value, reference }, { actor }) => {
      if ((value === null) === (reference === null))
        throw new FairwayError("bad_request", `${name} is given either a value or a reference`);
      const content = reference === null ? { value: value ?? "" } : { reference };
      return secrets.set({ environment, name, actor, ...content });
    },
    importSecrets: async ({ environment, values }, { actor }) => [
      ...(await secrets.import({ environment, actor, values })),
    ],
    rollBackSecret: ({ environment, name, version }, { actor }) =>
      secrets.rollBack({ environment, name, actor, to: version }),
    removeSecret: async ({ environment, name }, { actor }) => {
      await secrets.remove({ environment, name, actor });
      return { name, environment };
    },
    rotateKey: async (_input, { actor }) => {
      const { key, before, sealedAnew } = await secrets.rotateKey(actor);
      return { key, before: [...before], sealedAnew, place: keyPlace };
    },
  };
}

/** Before the first release there may be no configuration, and then nobody is given anything. */
async function known(project: () => Promise<Project>): Promise<Project | null> {
  try {
    return await project();
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "not_found" || code === "config_not_found" || code === "config_invalid") return null;
    throw thrown;
  }
}

function secretView(
  { name, environment, current, versions }: SecretFacts,
  all: readonly SecretFacts[],
  project: Project | null,
): SecretShape {
  const isGiven = (where: string): boolean =>
    environment === null ? !all.some((one) => one.name === name && one.environment === where) : environment === where;
  return {
    name,
    environment,
    version: current ?? 0,
    versions: versions.map((version) => ({ ...version })),
    consumers: project === null ? [] : consumersOf(project, name).filter((one) => isGiven(one.environment)),
  };
}
