/** Why a key beside the services is not taken. */
export const topLevel: Readonly<Record<string, string>> = {
  volumes: "replicas have no volumes: data belongs into a database or an object storage",
  networks: "services reach each other through the router, by the addresses that dependsOn gives",
  secrets: "secrets are values: name them in env as { secret: NAME }",
  configs: "what a service needs to read goes into its image or its variables",
  include: "other files are not read: run init where they are, or copy their services here",
  models: "there is no counterpart",
};

/** Keys of a service that are taken, or told about where they are. */
export const carried: ReadonlySet<string> = new Set(
  "image build command entrypoint ports expose environment env_file healthcheck depends_on deploy scale cpus mem_limit stop_grace_period volumes profiles container_name hostname".split(
    " ",
  ),
);

/** Why a key of `deploy` is not taken. */
export const ofDeploy: Readonly<Record<string, string>> = {
  restart_policy: "a replica that dies is replaced",
  update_config: "see strategy: rolling, blue-green, canary",
  rollback_config: "a rollout that fails brings the old release back by itself",
  placement: "there is one machine",
  mode: "see replicas",
  labels: "has no counterpart",
  endpoint_mode: "the router spreads requests",
};

/** Why a key of a service is not taken. */
export const ofService: Readonly<Record<string, string>> = {
  networks: "services reach each other through the router, by the addresses that dependsOn gives",
  network_mode: "a service with a port has a network of its own",
  links: "services reach each other by the addresses that dependsOn gives",
  restart: "a replica that dies is replaced",
  privileged: "nothing runs with the machine's own rights",
  cap_add: "nothing gets more rights than a plain container",
  devices: "devices of the machine are not given to services",
  secrets: "secrets are values: name them in env as { secret: NAME }",
  configs: "what a service needs to read goes into its image or its variables",
  labels: "routes of a proxy go to environments.<name>.services.<name>.routes",
  extends: "other services are not read: write out what it takes from there",
  user: "say USER in the Dockerfile",
  working_dir: "say WORKDIR in the Dockerfile",
  logging: "fairway logs keeps what it writes",
  develop: "is for development",
  tty: "there is no terminal",
  stdin_open: "there is no terminal",
  init: "signals go to the program itself",
  pull_policy: "images are built, or named by their digest",
  platform: "see container.platforms",
};
