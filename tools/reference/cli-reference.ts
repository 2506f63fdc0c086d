import type { program } from "../../apps/cli/src/program.ts";
import { pathOf } from "../../apps/cli/src/program.ts";

type Command = ReturnType<typeof program>;

/** The page that describes every command. */
export function cliReference(root: Command): string {
  const help = root.createHelp();
  const commands = help.visibleCommands(root).filter((command) => command.name() !== "help");
  const groups = [...new Set(commands.map((command) => command.helpGroup()))];
  const sections = groups.map((group) => {
    const own = commands.filter((command) => command.helpGroup() === group);
    return [`## ${group.replace(/:$/, "")}\n`, ...own.flatMap(sectionsOf)].join("\n");
  });
  return [introduction(root), ...sections].join("\n");
}

const introduction = (root: Command): string => `# Command line

<!-- Written from apps/cli/src/program/ by tools/generate-reference.mjs; a test fails when it differs. -->

\`fairway <command>\`. The commands find the daemon of the repository they are called in; \`--data\`, or the variable
\`FAIRWAY_DATA\`, names another data directory. Without either it is \`fairway/<repository>-<hash>\` in \`$XDG_STATE_HOME\`, by
default \`~/.local/state\`.

| exit code | means |
| --- | --- |
| 0 | it succeeded |
| 1 | the answer is no: it failed, it was stopped, or it was refused |
| 2 | it could not be found out |
| 3 | it waits for a person |

Every command takes these options:

${optionTable(root)}
| variable | does |
| --- | --- |
| \`FAIRWAY_DATA\` | the data directory, like \`--data\` |
| \`FAIRWAY_USER\` | who asks, for the record; by default the user of this machine |
| \`FAIRWAY_URL\`, \`FAIRWAY_TOKEN\` | the daemon that is asked, and as whom, in the place of what \`fairway login\` kept |
| \`FAIRWAY_FIRST_CODE\` | for the login of the first administrator: the code that the daemon told |
| \`FAIRWAY_DEBUG\` | shows where in the code an error arose that has no code of its own |
| \`NO_COLOR\` | no colours, like \`--no-color\` |
| \`DATABASE_URL\` | for \`fairway up\`: a PostgreSQL of your own instead of the embedded one |
| \`FAIRWAY_PREVIEW_DATABASE_URL\` | for \`fairway up\`: the server on which previews have their databases; its role needs \`CREATEDB\` |
| \`FAIRWAY_SHADOW_DATABASE_URL\` | for \`fairway up\` and \`fairway migrations check\`: the server on which migrations are tried; its role needs \`CREATEDB\` |
| \`FAIRWAY_KEY\`, \`FAIRWAY_KEY_FILE\`, \`FAIRWAY_KEY_COMMAND\` | for \`fairway up\` and \`fairway restore\`: the key that seals secrets, its file, or a key service; see [secrets](../how-to/secrets.md#the-key) |
| \`FAIRWAY_AUDIT_HEADS\` | for \`fairway up\`: the file of the audit's signed heads |
| \`FAIRWAY_LOG\` | for \`fairway up\`: how much the daemon's log says, such as \`debug\`; by default \`info\` |
| \`FAIRWAY_NEW_ADMINISTRATOR\` | for \`fairway up\`: with \`1\` a new code for an administrator, where nobody can log in; see [people](../how-to/people-and-access.md) |
| \`FAIRWAY_LOCATIONS\` | for \`fairway up\`: the labels that the daemon makes journeys for itself |
| \`FAIRWAY_WAKE_ADDRESS\` | for \`fairway up\`: where it listens for requests to previews that sleep on ECS, such as \`0.0.0.0:7080\` |
| \`FAIRWAY_REGISTRY_CA\` | for \`fairway up\`: the certificate of the registry's authority, where the configuration names none |
`;

function sectionsOf(command: Command): readonly string[] {
  if (command.commands.length > 0) return command.commands.flatMap(sectionsOf);
  const lines = [`### \`${pathOf(command)}\`\n`, "```sh", usageOf(command), "```\n", `${command.description()}\n`];
  return command.options.length > 0 ? [...lines, optionTable(command)] : lines;
}

/** The words of a command, as they are typed. */
function usageOf(command: Command): string {
  const words = command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`));
  return [pathOf(command), ...words, ...(command.options.length > 0 ? ["[options]"] : [])].join(" ");
}

function optionTable(command: Command): string {
  const rows = command.options.map(({ flags, description, defaultValue }) => {
    const standard = typeof defaultValue === "string" ? `; by default ${defaultValue}` : "";
    return `| \`${flags}\` | ${description}${standard} |`;
  });
  return ["| option | does |", "| --- | --- |", ...rows, ""].join("\n");
}
