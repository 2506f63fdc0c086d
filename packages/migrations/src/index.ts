export { loadSqlParser } from "./reading/read-sql.ts";
export type { SqlPlace } from "./reading/place.ts";
export * from "./linting/judge-migration.ts";
export { lintRules } from "./linting/every-rule.ts";
export type { LintRule } from "./linting/rule.ts";
export { alembicSql } from "./layouts/alembic-sql.ts";
export * from "./layouts/layout.ts";
export * from "./layouts/read-folder.ts";
export { readLayout } from "./layouts/read-layout.ts";
