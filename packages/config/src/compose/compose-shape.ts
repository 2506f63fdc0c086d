import type { Path } from "../path.ts";
import { isRecord } from "../path.ts";
import type { ProblemCode } from "../problems.ts";
import { didYouMean, nearestName } from "../problems.ts";
import { fileKeys, serviceKeys } from "./compose-keys.ts";

/** Writes down what a file may not say, and where. */
export type Refuse = (path: Path, part: "key" | "value", code: ProblemCode, message: string, fix?: string) => void;

/** What is read must have the form that the specification gives it; an unknown key is only a mistake when it looks like one. */
export function checkShape(data: unknown, refuse: Refuse): void {
  if (!isRecord(data))
    return refuse(
      [],
      "value",
      "wrong_value",
      "a compose file is an object with services",
      "services:\n  web:\n    image: …",
    );
  const unknown = (at: Path, keys: readonly string[], known: readonly string[]): void => {
    for (const key of keys)
      if (!known.includes(key) && !key.startsWith("x-") && nearestName(key, known) !== undefined)
        refuse([...at, key], "key", "unknown_key", `compose has no key "${key}"`, didYouMean(key, known));
  };
  unknown([], Object.keys(data), fileKeys);
  const { services } = data;
  if (services === undefined) return;
  if (!isRecord(services))
    return refuse(["services"], "value", "wrong_value", "services must be an object of services");
  for (const [name, service] of Object.entries(services)) {
    const at: Path = ["services", name];
    if (!isRecord(service)) {
      refuse(at, "value", "wrong_value", `the service ${name} must be an object, with image or build`);
      continue;
    }
    unknown(at, Object.keys(service), serviceKeys);
    for (const [key, form] of Object.entries(forms)) {
      if (service[key] !== undefined && service[key] !== null && !form.holds(service[key]))
        refuse([...at, key], "value", "wrong_value", `${key} must be ${form.is}`, `for instance ${form.example}`);
    }
  }
}

interface Form {
  readonly is: string;
  readonly example: string;
  holds(value: unknown): boolean;
}

const isText = (value: unknown): boolean => typeof value === "string";

const isPlain = (value: unknown): boolean => value === null || ["string", "number", "boolean"].includes(typeof value);

const textOrTexts: Form["holds"] = (value) => isText(value) || (Array.isArray(value) && value.every(isText));

const words: Form = { is: "a text or a list of texts", example: '["npm", "start"]', holds: textOrTexts };

const pairs: Form = {
  is: "an object of names and values, or a list of NAME=value",
  example: "{ LOG_LEVEL: info }",
  holds: (value) =>
    Array.isArray(value) ? value.every(isText) : isRecord(value) && Object.values(value).every(isPlain),
};

const record = (example: string): Form => ({ is: "an object", example, holds: isRecord });

const forms: Readonly<Record<string, Form>> = {
  image: { is: "a text", example: "nginx:1.29", holds: isText },
  build: {
    is: "a folder or an object",
    example: "{ context: ., dockerfile: Dockerfile }",
    holds: (value) => isText(value) || isRecord(value),
  },
  command: words,
  entrypoint: words,
  environment: pairs,
  env_file: {
    is: "a file or a list of files",
    example: "[.env]",
    holds: (value) => isText(value) || (Array.isArray(value) && value.every((one) => isText(one) || isRecord(one))),
  },
  ports: {
    is: "a list",
    example: '["8080:3000"]',
    holds: (value) =>
      Array.isArray(value) && value.every((one) => isText(one) || typeof one === "number" || isRecord(one)),
  },
  expose: { is: "a list", example: '["3000"]', holds: Array.isArray },
  volumes: { is: "a list", example: '["data:/data"]', holds: Array.isArray },
  healthcheck: record("{ test: [CMD, curl, -f, http://localhost:3000/health] }"),
  deploy: record("{ replicas: 2 }"),
  depends_on: {
    is: "a list of services or an object",
    example: "[db]",
    holds: (value) => isRecord(value) || (Array.isArray(value) && value.every(isText)),
  },
};
