// Rules of this repository that oxlint does not bring: no command ever goes through a shell, because a branch name or a
// commit message that reaches one is code. `check-boundaries.test.ts` plants violations and expects each to be reported.

const spawning = new Set(["spawn", "spawnSync", "execFile", "execFileSync", "fork", "execa"]);
const shells = new Set(["exec", "execSync"]);

function isChildProcess(source) {
  return source.value === "node:child_process" || source.value === "child_process";
}

function nameOf(node) {
  return node.type === "Identifier" ? node.name : node.type === "Literal" ? node.value : undefined;
}

function calledName(callee) {
  return callee.type === "MemberExpression" ? nameOf(callee.property) : nameOf(callee);
}

const noShell = {
  meta: { type: "problem", docs: { description: "Commands are argv arrays; nothing is run through a shell." } },
  create(context) {
    return {
      ImportDeclaration(node) {
        if (!isChildProcess(node.source)) return;
        for (const specifier of node.specifiers) {
          if (specifier.type !== "ImportSpecifier") {
            // A whole-module import would let `cp.exec` through, which cannot be told from a regular expression's `exec`.
            context.report({ node: specifier, message: "Import the functions of node:child_process by name." });
          } else if (shells.has(nameOf(specifier.imported))) {
            context.report({
              node: specifier,
              message: `${nameOf(specifier.imported)} runs a shell; use execFile or spawn with an argv array.`,
            });
          }
        }
      },
      CallExpression(node) {
        if (!spawning.has(calledName(node.callee))) return;
        for (const argument of node.arguments) {
          if (argument.type !== "ObjectExpression") continue;
          for (const property of argument.properties) {
            if (property.type !== "Property" || nameOf(property.key) !== "shell") continue;
            if (property.value.type === "Literal" && property.value.value === false) continue;
            context.report({ node: property, message: "No shell: pass the command as an argv array." });
          }
        }
      },
      Property(node) {
        // Options that are built away from the call. A string is left alone here: a parsed `shell: bash` is data.
        const spawned =
          node.parent?.parent?.type === "CallExpression" && spawning.has(calledName(node.parent.parent.callee));
        if (spawned || nameOf(node.key) !== "shell") return;
        if (node.value.type === "Literal" && node.value.value === true) {
          context.report({ node, message: "No shell: pass the command as an argv array." });
        }
      },
    };
  },
};

export default { meta: { name: "fairway" }, rules: { "no-shell": noShell } };
