import { detectHttp } from "./detect-http.ts";
import type { Detection } from "./detected.ts";
import type { Folder } from "./folder.ts";
import type { Command, ServiceConfig, TimedCommand } from "./project-config.ts";

/** How the programs of a Python project are installed and started. */
interface PythonTool {
  readonly program: string;
  readonly prepare: readonly TimedCommand[];
  /** The words before a module's name. */
  readonly module: string;
  readonly python: string;
}

const scripts = ["server.py", "app.py", "main.py"];

/** A Python service, by its pyproject.toml, requirements.txt, manage.py or a script that serves; null for none of them. */
export function detectPython(folder: Folder): Detection | null {
  const declares = ["pyproject.toml", "requirements.txt", "manage.py"].some((file) => folder.has(file));
  // Without a manifest only a script that plainly serves is taken for a service.
  if (!declares && !scripts.some((file) => /serve_forever|HTTPServer|\bPORT\b/u.test(folder.read(file) ?? "")))
    return null;
  const declared = `${folder.read("pyproject.toml") ?? ""}\n${folder.read("requirements.txt") ?? ""}`;
  const uses = (name: string): boolean => new RegExp(`(?:^|["'\\s])${name}(?![\\w-])`, "imu").test(declared);
  const tool = toolOf(folder);
  const inSrc = keepsItsPackagesInSrc(folder);
  const start = startOf(folder, tool, uses, inSrc);
  const checks = checksOf(folder, tool, declared, uses);
  const framework = ["fastapi", "flask", "django"].find(uses);
  const http = start === null ? null : detectHttp(folder, start.takesPort);
  return {
    name: folder.name,
    recognisedBy: `${recognisedBy(folder)}${framework === undefined ? "" : ` with ${framework}`}`,
    config: {
      path: folder.path,
      requires: ["python3", ...(tool.program === "python3" ? [] : [tool.program])],
      ...(tool.prepare.length > 0 ? { prepare: tool.prepare } : {}),
      ...(Object.keys(checks).length > 0 ? { checks } : {}),
      ...(start === null ? {} : { run: start.run }),
      ...(http === null ? {} : { health: http.health }),
      // What is installed for development leads into the checkout, and the artifact is another folder.
      ...(start !== null && inSrc ? { env: { PYTHONPATH: "src" } } : {}),
    },
    unsure: [
      ...(start === null ? ["nothing was found that starts it, so it is checked and not deployed"] : start.unsure),
      ...(http?.unsure ?? []),
    ],
  };
}

const recognisedBy = (folder: Folder): string =>
  ["pyproject.toml", "requirements.txt", "manage.py", ...scripts].find((file) => folder.has(file)) ?? "Python";

/** Whether packages that are to be installed lie in `src`, so that their modules are not named with it. */
const keepsItsPackagesInSrc = (folder: Folder): boolean =>
  folder.has("pyproject.toml") && folder.sources().some(({ path }) => /^src\/\w+\/__init__\.py$/u.test(path));

// By the interpreter and not by scripts, which name the folder that they were installed in, and an artifact moves. Nor by
// `poetry run` and `uv run`, which look for the folder's environment again and keep signals from the program.
const ofTheFolder = { module: ".venv/bin/python -m", python: ".venv/bin/python" };

function toolOf(folder: Folder): PythonTool {
  // Not editable: that would be a link into the checkout.
  if (folder.has("uv.lock")) return { program: "uv", prepare: ["uv sync --frozen --no-editable"], ...ofTheFolder };
  if (folder.has("poetry.lock") || folder.read("pyproject.toml")?.includes("[tool.poetry]") === true)
    return {
      program: "poetry",
      prepare: [{ command: "poetry install", env: { POETRY_VIRTUALENVS_IN_PROJECT: "true" } }],
      ...ofTheFolder,
    };
  const source = folder.has("requirements.txt") ? "-r requirements.txt" : folder.has("pyproject.toml") ? "." : null;
  if (source === null) return { program: "python3", prepare: [], module: "python3 -m", python: "python3" };
  const prepare = ["python3 -m venv .venv", `.venv/bin/python -m pip install ${source}`];
  return { program: "python3", prepare, ...ofTheFolder };
}

function checksOf(
  folder: Folder,
  tool: PythonTool,
  declared: string,
  uses: (name: string) => boolean,
): NonNullable<ServiceConfig["checks"]> {
  const lints = declared.includes("[tool.ruff") || folder.has("ruff.toml") || folder.has(".ruff.toml") || uses("ruff");
  const tests =
    declared.includes("[tool.pytest") || folder.has("pytest.ini") || folder.has("conftest.py") || uses("pytest");
  const types = declared.includes("[tool.mypy") || folder.has("mypy.ini") || uses("mypy");
  return {
    ...(lints ? { lint: { command: `${tool.module} ruff check .`, report: "ruff" as const } } : {}),
    ...(types ? { typecheck: `${tool.module} mypy .` } : {}),
    ...(tests ? { test: { command: `${tool.module} pytest`, report: "pytest" as const } } : {}),
  };
}

interface Start {
  readonly run: Command;
  readonly takesPort: boolean;
  readonly unsure: readonly string[];
}

/** The port is known only when the process starts, and these servers take it as an argument: that needs a shell. */
const withPort = (command: string): Command => ["bash", "-c", `exec ${command}`];

function startOf(folder: Folder, tool: PythonTool, uses: (name: string) => boolean, inSrc: boolean): Start | null {
  const development = "this starts the framework's own server, which is meant for development; install gunicorn";
  const app = (framework: string): { module: string; name: string } | null => {
    for (const { path, text } of folder.sources()) {
      const [, name] = new RegExp(`^(\\w+)\\s*(?::[^=]+)?=\\s*${framework}\\(`, "mu").exec(text) ?? [];
      if (name !== undefined && path.endsWith(".py"))
        return {
          module: path
            .replace(inSrc ? /^src\//u : /^$/u, "")
            .replace(/(?:\/__init__)?\.py$/u, "")
            .replaceAll("/", "."),
          name,
        };
    }
    return null;
  };
  const fastapi = app("FastAPI");
  if (uses("fastapi") && fastapi !== null) {
    const run = withPort(`${tool.module} uvicorn ${fastapi.module}:${fastapi.name} --host 127.0.0.1 --port "$PORT"`);
    return {
      run,
      takesPort: true,
      unsure:
        uses("uvicorn") || uses("fastapi\\[standard\\]")
          ? []
          : ["uvicorn starts it, and it is not declared as a dependency"],
    };
  }
  const flask = app("Flask");
  if (uses("flask") && flask !== null)
    return uses("gunicorn")
      ? {
          run: withPort(`${tool.module} gunicorn ${flask.module}:${flask.name} --bind "127.0.0.1:$PORT"`),
          takesPort: true,
          unsure: [],
        }
      : {
          run: withPort(`${tool.module} flask --app ${flask.module} run --port "$PORT"`),
          takesPort: true,
          unsure: [development],
        };
  if (folder.has("manage.py")) {
    const settings = /["']DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)\.settings/u.exec(
      folder.read("manage.py") ?? "",
    )?.[1];
    return uses("gunicorn") && settings !== undefined
      ? {
          run: withPort(`${tool.module} gunicorn ${settings}.wsgi --bind "127.0.0.1:$PORT"`),
          takesPort: true,
          unsure: [],
        }
      : {
          run: withPort(`${tool.python} manage.py runserver --noreload "127.0.0.1:$PORT"`),
          takesPort: true,
          unsure: [development],
        };
  }
  const script = scripts.find((file) => folder.has(file));
  return script === undefined ? null : { run: `${tool.python} ${script}`, takesPort: false, unsure: [] };
}
