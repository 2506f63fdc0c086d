import type { Bytes, Millis } from "../units.ts";

/** How somebody shows at a registry who they are. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

/** A folder or file of the machine, or a named volume of the engine, as a container sees it. */
export interface ContainerMount {
  /** Null for a volume without a name, which goes with the container. */
  readonly from: string | null;
  readonly to: string;
  readonly readOnly: boolean;
}

/** A port of a container that is to be reached from the machine. */
export interface PublishedPort {
  readonly container: number;
  readonly protocol: "tcp" | "udp";
  /** Null for one that the engine finds. */
  readonly host: number | null;
}

/** How a container is asked whether it is well; what is null is as the image says. */
export interface ContainerHealthCheck {
  /** For a shell; empty to take the image's own away. */
  readonly command: string | null;
  readonly interval: Millis | null;
  readonly timeout: Millis | null;
  readonly startPeriod: Millis | null;
  readonly retries: number | null;
}

/** What GitHub lets a workflow hand to `docker create` as `options`, as far as it is carried over. */
export interface ContainerSettings {
  readonly user: string | null;
  readonly workingDirectory: string | null;
  readonly hostname: string | null;
  readonly memory: Bytes | null;
  readonly cpus: number | null;
  readonly sharedMemory: Bytes | null;
  readonly init: boolean;
  readonly privileged: boolean;
  readonly readOnly: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly hosts: readonly string[];
  readonly temporaryFolders: readonly string[];
  readonly health: ContainerHealthCheck | null;
}

/** A container that a job needs. Its name finds it again after a crash. */
export interface JobContainerSpec {
  readonly name: string;
  /** Marks all that belongs to one job, so that nothing of it is left behind. */
  readonly job: string;
  readonly image: string;
  /** Secrets too: never in words or labels. */
  readonly env: Readonly<Record<string, string>>;
  /** In the place of the image's own; null for that one. */
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly mounts: readonly ContainerMount[];
  readonly ports: readonly PublishedPort[];
  /** Null for the engine's usual one. */
  readonly network: string | null;
  /** Other names that it has in the network. */
  readonly aliases: readonly string[];
  readonly settings: ContainerSettings;
}

/** A container that is there. */
export interface JobContainer {
  readonly id: string;
  /** From `5432/tcp` to the port of the machine. */
  readonly ports: Readonly<Record<string, number>>;
  /** The PATH of its image. */
  readonly path: string;
}

/** A container as it is now. */
export interface JobContainerState {
  readonly running: boolean;
  readonly exitCode: number | null;
  /** *none* when nobody said how to ask. */
  readonly health: "none" | "starting" | "healthy" | "unhealthy";
}

/** A program as it is started in a container. */
export interface ContainerProgram {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A command that does something in a container, for whoever starts commands. */
export interface ContainerCommand {
  readonly argv: readonly [string, ...string[]];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The containers of jobs, made by an engine of this machine. Every method may be repeated. What the engine refuses for good
 * throws `command_failed` with its words; an engine that does not answer throws `target_unreachable`. Only plain data goes in
 * and out, so that a job may ask from a process of its own.
 */
export interface JobContainers {
  /** Takes an image from its registry unless it is there. */
  pull(image: string, login: RegistryLogin | null): Promise<void>;
  /** Builds an image of a folder; answers with the lines that the build said. `command_failed` names the Dockerfile's line. */
  build(image: string, folder: string, file: string): Promise<readonly string[]>;
  /** Makes a network of this name for a job unless it is there. */
  network(name: string, job: string): Promise<void>;
  /**
   * Makes the container unless one of this name is there, and starts it when `start` says so. One that has ended is made anew.
   */
  ensure(spec: JobContainerSpec, start: boolean): Promise<JobContainer>;
  /** Asks its health too, where the engine does not by itself. Null when there is none. */
  state(id: string): Promise<JobContainerState | null>;
  /** The last lines that it wrote. */
  lastLines(id: string): Promise<readonly string[]>;
  /** Takes one away, running or not. */
  remove(id: string): Promise<void>;
  /** Takes away every container and network of a job. */
  removeAll(job: string): Promise<void>;
  /** The command that runs a program in a running container, streams its output and ends as it ends. */
  inside(id: string, program: ContainerProgram): Promise<ContainerCommand>;
  /** The command that starts a container, streams its output and ends as it ends. */
  whole(id: string): Promise<ContainerCommand>;
}
