const longest = 100;

/** The ids of the steps of one job: the authors' own, and those that GitHub makes up (`__run_2`). */
export class StepIds {
  readonly #taken = new Set<string>();

  /** Takes an id; answers what is wrong with it, if anything. The words are GitHub's. */
  claim(id: string): string | undefined {
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/u.test(id) || id.length >= longest) {
      return `The identifier '${id}' is invalid. IDs may only contain alphanumeric characters, '_', and '-'. IDs must start with a letter or '_' and and must be less than ${longest} characters.`;
    }
    if (id.startsWith("__")) return `The identifier '${id}' is invalid. IDs starting with '__' are reserved.`;
    const same = id.toLowerCase(); // Contexts are looked up without regard to case.
    if (this.#taken.has(same)) return `The identifier '${id}' may not be used more than once within the same scope.`;
    this.#taken.add(same);
    return undefined;
  }

  /** Makes an id for a step that has none: from the name of its action, or `__run`. */
  make(reference: string | undefined): string {
    const base = `__${reference === undefined ? "run" : nameOf(reference)}`.slice(0, longest - 5);
    for (let attempt = 1; ; attempt++) {
      const id = attempt === 1 ? base : `${base}_${attempt}`;
      if (this.#taken.has(id.toLowerCase())) continue;
      this.#taken.add(id.toLowerCase());
      return id;
    }
  }
}

function nameOf(reference: string): string {
  if (reference.startsWith("docker://")) return "docker";
  if (reference.startsWith("./") || reference.startsWith("$/")) return "self";
  const [path = ""] = reference.split("@");
  return path
    .split("/")
    .slice(0, 2)
    .join("_")
    .replaceAll(/[^A-Za-z0-9_-]/gu, "_");
}
