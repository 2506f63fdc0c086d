// One set of rules for every package; each runs its own eslint and finds this file above it.
import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/dist/**", "**/.next/**", "**/next-env.d.ts"] },
  js.configs.recommended,
  tseslint.configs.recommended,
);
