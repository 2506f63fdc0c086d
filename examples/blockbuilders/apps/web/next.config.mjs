// Linting is a task of its own; a build only builds.
export default { eslint: { ignoreDuringBuilds: true }, poweredByHeader: false };
