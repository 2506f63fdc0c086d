// No plugins and no presets, so that any ESLint 9 can run it, wherever that is installed.
export default [
  { ignores: ["**/dist/**", "**/node_modules/**", "contracts/artifacts/**", "contracts/cache/**"] },
  {
    files: ["**/*.mjs"],
    rules: {
      eqeqeq: "error",
      "no-cond-assign": "error",
      "no-constant-condition": ["error", { checkLoops: false }],
      "no-debugger": "error",
      "no-dupe-keys": "error",
      "no-fallthrough": "error",
      "no-unreachable": "error",
      "no-unsafe-finally": "error",
      "no-unused-vars": "error",
      "no-useless-catch": "error",
      "no-var": "error",
      "prefer-const": "error",
      "valid-typeof": "error",
    },
  },
];
