import { join } from "node:path";
import { initialiseProject, sentenceOfPlatform } from "@fairway/config";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { dataDirectoryOf, repositoryHere } from "../context.ts";
import { columns, print, printJson, wrap } from "../output/terminal.ts";

const formats = { ts: "typescript", yaml: "yaml" } as const;

/** `fairway init`: never writes over a configuration that is there. */
export async function init(
  _args: readonly string[],
  options: GlobalOptions & { readonly format?: string; readonly compose: boolean; readonly platforms?: boolean },
): Promise<void> {
  const { format } = options;
  if (format !== undefined && format !== "ts" && format !== "yaml")
    throw new FairwayError("bad_request", `--format is ts or yaml, not "${format}"`);
  const { file, detected } = initialiseProject(await repositoryHere(), {
    format: format && formats[format],
    compose: options.compose,
    platforms: options.platforms === true,
  });
  if (options.json) return printJson({ file, ...detected });
  print(`wrote ${file}`);
  for (const { name, config, recognisedBy, unsure } of detected.services) {
    print(`  ${name}  ${config.path === "." ? "" : `${config.path}, `}by its ${recognisedBy}`);
    const [platform] = detected.platforms.filter(({ service }) => service === name);
    const told =
      platform === undefined
        ? unsure
        : options.platforms === true
          ? platform.unsure
          : [sentenceOfPlatform(platform), ...unsure];
    for (const doubt of told)
      for (const [index, line] of wrap(doubt, columns(), "      ").entries())
        print(index === 0 ? `    ? ${line.trimStart()}` : line);
  }
  if (detected.notCarried.length > 0) print(`not carried over from ${detected.composeFiles.join(" and ")}:`);
  for (const { file, line, column, what, why } of detected.notCarried)
    for (const text of wrap(`${file}:${line}:${column} ${what}: ${why}`, columns() - 2, "    "))
      print(text.startsWith(`    ${file}:`) ? text.slice(2) : text);
  const secrets = detected.services.flatMap(({ config }) =>
    Object.values(config.env ?? {}).flatMap((value) => (typeof value === "string" ? [] : [value.secret])),
  );
  if (secrets.length > 0)
    print(
      `→ give ${[...new Set(secrets)].join(", ")} a value for each environment, one NAME=value a line:\n  ${join(await dataDirectoryOf(options), "secrets", "staging.env")}`,
    );
  const contained = detected.services.some(({ config }) => config.container !== undefined);
  print(`→ read it, commit it, then: fairway up${contained ? " --container-engine auto" : ""}`);
}
