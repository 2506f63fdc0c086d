import { commandWords } from "../command-words.ts";
import { environmentVariableForm, reservedVariable } from "../forms.ts";
import { nameFrom } from "../name-from.ts";
import { isRecord, type Path } from "../path.ts";
import type { Container, ServiceConfig, Value } from "../project-config.ts";
import { carried, ofService } from "./compose-reasons.ts";
import { contextOf } from "./compose-refusals.ts";
import { healthOf, limitsOf, replicasOf, stopOf } from "./compose-running.ts";
import { hostOf, isPostgresPart, linesOf, portOf, textOf } from "./compose-values.ts";
import type { DataStore } from "./data-stores.ts";
import { looksSecret } from "./looks-secret.ts";
import { asObject, type Compose, type ComposeService } from "./read-compose.ts";

/** A service as a compose file says it; its folder is the context of its build. */
export interface FromCompose {
  readonly name: string;
  readonly config: ServiceConfig & { readonly path: string };
  readonly unsure: readonly string[];
}

/** What is in the repository beside the compose file. */
export interface ComposeSurroundings {
  has(path: string): boolean;
  read(path: string): string | undefined;
}

/** What a service is proposed from, and where what it cannot take is told. */
export interface About {
  readonly compose: Compose;
  readonly around: ComposeSurroundings;
  readonly stores: ReadonlyMap<string, DataStore>;
  /** Of the services that are proposed, by their names in the compose file. */
  readonly names: ReadonlyMap<string, string>;
  leave(path: Path, why: string): void;
}

/** Proposes one service; what it cannot take it leaves. */
export const proposeService = (service: ComposeService, about: About): FromCompose =>
  new Proposal(service, about).make();

/** One service on its way from compose; what it cannot take it leaves. */
class Proposal {
  readonly #keys: ComposeService["keys"];
  readonly #at: Path;
  readonly #about: About;
  readonly #name: string;
  readonly #unsure: string[] = [];

  constructor({ name, keys }: ComposeService, about: About) {
    this.#name = name;
    this.#keys = keys;
    this.#at = ["services", name];
    this.#about = about;
  }

  make(): FromCompose {
    const path = (contextOf(this.#keys) ?? ".").replace(/^\.\/|\/+$/gu, "") || ".";
    const dockerfile = this.#dockerfile(path);
    const port = this.#port(dockerfile);
    const run = this.#run(dockerfile);
    const leave = this.#leave.bind(this);
    const health = healthOf(this.#keys, leave);
    const limits = limitsOf(this.#keys, leave);
    const needed = Object.keys(asObject(this.#keys["depends_on"]));
    const dependsOn = needed.flatMap((other) => this.#about.names.get(other) ?? []);
    const database = this.#usesPostgres(needed);
    const env = this.#env(database);
    const replicas = replicasOf(this.#keys, leave);
    const stop = stopOf(this.#keys);
    this.#leaveRest();
    return {
      name: this.#about.names.get(this.#name) ?? this.#name,
      config: {
        path,
        ...(dependsOn.length > 0 ? { dependsOn } : {}),
        ...(run === undefined ? {} : { run }),
        container: this.#container(port),
        ...(health === undefined ? { health: "/" } : { health }),
        ...(stop === undefined ? {} : { stop }),
        ...(replicas === undefined ? {} : { replicas }),
        ...(limits === undefined ? {} : { limits }),
        ...(Object.keys(env).length > 0 ? { env } : {}),
        ...(database ? { database } : {}),
      },
      unsure: [
        ...(health === undefined
          ? [
              "there is no health check over HTTP, so / is asked; a path that says whether the service is well is better",
            ]
          : []),
        ...(port === undefined
          ? ["no port was found: its program must listen on the port that it is given in PORT"]
          : []),
        ...this.#unsure,
      ],
    };
  }

  #leave(key: string, why: string, below: Path = []): void {
    this.#about.leave([...this.#at, key, ...below], why);
  }

  /** The text of the Dockerfile; undefined where there is none, or the image is there already. */
  #dockerfile(path: string): string | undefined {
    const { build } = this.#keys;
    if (build === undefined) return undefined;
    const file = isRecord(build) && typeof build["dockerfile"] === "string" ? build["dockerfile"] : "Dockerfile";
    const whole = path === "." ? file : `${path}/${file}`;
    const text = this.#about.around.read(whole);
    if (text === undefined) this.#unsure.push(`there is no ${whole}`);
    return text;
  }

  #container(port: number | undefined): Container {
    const { build, image } = this.#keys;
    const listens = port === undefined ? {} : { port };
    if (build === undefined) return { image: textOf(image), ...listens };
    const { dockerfile, args, ...rest } = isRecord(build) ? build : {};
    for (const key of Object.keys(rest))
      if (key !== "context") this.#leave("build", `${key} has no counterpart`, [key]);
    const given: Record<string, string> = {};
    for (const [name, value] of Object.entries(asObject(args))) {
      if (value === null || this.#unset(["build", "args", name]).length > 0)
        this.#leave("build", `the argument ${name} has no value without a variable of your shell`, ["args"]);
      else if (looksSecret(name, textOf(value)))
        this.#leave("build", `the argument ${name} looks secret, and arguments can be read in the image`, ["args"]);
      else given[name] = textOf(value);
    }
    return {
      ...(typeof dockerfile === "string" && dockerfile !== "Dockerfile" ? { dockerfile } : {}),
      ...(Object.keys(given).length > 0 ? { args: given } : {}),
      ...listens,
    };
  }

  #unset(below: Path): readonly string[] {
    return this.#about.compose.unsetAt([...this.#at, ...below]);
  }

  #port(dockerfile: string | undefined): number | undefined {
    const { ports, expose } = this.#keys;
    const all = (Array.isArray(ports) ? ports : []).map(portOf);
    const usable = all.flatMap((port) => (port?.tcp === true ? [port.target] : []));
    all.forEach((port, index) => {
      if (port === null) this.#leave("ports", "is no single port", [index]);
      else if (!port.tcp) this.#leave("ports", "is UDP, and the router carries HTTP", [index]);
      else if (port.target !== usable[0])
        this.#leave("ports", `a service has one port, and that is ${usable[0]}`, [index]);
      else if (port.published !== undefined)
        this.#leave(
          "ports",
          `port ${port.published} of the machine is not taken: the router answers at http://${nameFrom(this.#name)}.production.localhost`,
          [index],
        );
    });
    const exposed = Array.isArray(expose) ? Number.parseInt(textOf(expose[0]), 10) : Number.NaN;
    const said = /^EXPOSE\s+(\d+)/imu.exec(dockerfile ?? "")?.[1];
    const found =
      usable[0] ?? (Number.isNaN(exposed) ? undefined : exposed) ?? (said === undefined ? undefined : Number(said));
    return found !== undefined && found >= 1 && found <= 65_535 ? found : undefined;
  }

  #run(dockerfile: string | undefined): readonly string[] | undefined {
    const words = (key: "entrypoint" | "command"): readonly string[] => {
      const said = this.#keys[key];
      if (Array.isArray(said)) return said.map(textOf);
      if (typeof said !== "string" || said.trim() === "") return [];
      const split = commandWords(said);
      if ("words" in split) return split.words;
      this.#unsure.push(`${key} ${split.problem}, so a shell of the image runs it`);
      return ["sh", "-c", said];
    };
    const all = [...words("entrypoint"), ...words("command")];
    if (all.length > 0 && this.#keys["entrypoint"] === undefined && /^ENTRYPOINT\s/imu.test(dockerfile ?? ""))
      this.#unsure.push(
        "the image has an ENTRYPOINT, which compose puts in front of this command and Fairway does not",
      );
    return all.length > 0 ? all : undefined;
  }

  /** Of its own, when it waits for a PostgreSQL or its address names one. */
  #usesPostgres(needed: readonly string[]): boolean {
    const isPostgres = (name: string): boolean => this.#about.stores.get(name)?.isPostgres === true;
    const url = asObject(this.#keys["environment"])["DATABASE_URL"];
    return needed.some(isPostgres) || (typeof url === "string" && isPostgres(hostOf(url) ?? ""));
  }

  #env(database: boolean): Readonly<Record<string, Value>> {
    const found: Record<string, Value> = {};
    for (const [name, value] of this.#variables()) {
      const isNamed = isRecord(this.#keys["environment"]) && Object.hasOwn(this.#keys["environment"], name);
      const leave = (why: string): void =>
        isNamed ? this.#leave("environment", why, [name]) : this.#leave("environment", `${name}: ${why}`);
      const reserved = reservedVariable(name);
      const text = textOf(value);
      const unset = this.#unset(["environment", name]);
      const host = hostOf(text);
      const service = host === null ? undefined : this.#about.names.get(host);
      if (!environmentVariableForm.test(name)) leave("is no name of a variable");
      else if (reserved !== null) leave(reserved);
      else if (
        database &&
        (name === "DATABASE_URL" || this.#about.stores.get(host ?? text)?.isPostgres === true || isPostgresPart(name))
      )
        leave("database: true gives the whole address as DATABASE_URL");
      else if (service !== undefined)
        leave(`${host} is reached at ${service.toUpperCase().replaceAll("-", "_")}_URL, which dependsOn gives`);
      else if (looksSecret(name, text)) found[name] = { secret: name };
      else if (host !== null && this.#about.stores.has(host)) {
        found[name] = { secret: name };
        this.#unsure.push(
          `${name} names ${host}, which only the network of compose knows: give its real address as the secret ${name}`,
        );
      } else if (value === null || unset.length > 0) {
        leave(
          value === null
            ? "comes from your shell: write its value, or { secret: NAME }"
            : `${unset.join(", ")} has no default: write a value, or { secret: NAME }`,
        );
      } else found[name] = text;
    }
    return found;
  }

  /** Those of the files first: what stands in `environment` wins. */
  #variables(): readonly (readonly [string, unknown])[] {
    const { env_file: files, environment } = this.#keys;
    const all: Record<string, unknown> = {};
    const listed = Array.isArray(files) ? files : files === undefined ? [] : [files];
    listed.forEach((one: unknown, index) => {
      const file = (isRecord(one) ? textOf(one["path"]) : textOf(one)).replace(/^\.\//u, "");
      const text = file.startsWith("/") || file.startsWith("..") ? undefined : this.#about.around.read(file);
      if (text === undefined)
        this.#leave(
          "env_file",
          `${file} is not here: name what it holds in env, secrets as { secret: NAME }`,
          Array.isArray(files) ? [index] : [],
        );
      else for (const [name, value] of linesOf(text)) all[name] = value;
    });
    return Object.entries({ ...all, ...asObject(environment) });
  }

  #leaveRest(): void {
    const volumes = this.#keys["volumes"];
    (Array.isArray(volumes) ? volumes : []).forEach((one: unknown, index) => {
      const source = isRecord(one) ? textOf(one["source"]) : (textOf(one).split(":")[0] ?? "");
      this.#leave(
        "volumes",
        /^[./~]/u.test(source)
          ? `${source} of the machine is not mounted: what the service reads goes into its image`
          : `${source || "the volume"} would be gone with its replica: data belongs into a database; a little may go to FAIRWAY_STATE_DIRECTORY`,
        [index],
      );
    });
    for (const [key, why] of Object.entries(ofService)) if (this.#keys[key] !== undefined) this.#leave(key, why);
    for (const key of Object.keys(this.#keys))
      if (!carried.has(key) && ofService[key] === undefined && !key.startsWith("x-"))
        this.#leave(key, "has no counterpart");
    for (const [other, how] of Object.entries(asObject(this.#keys["depends_on"])))
      if (isRecord(how) && how["condition"] === "service_completed_successfully")
        this.#leave("depends_on", `${other} is to end before: make it a command of the build, or of verify`, [other]);
  }
}
