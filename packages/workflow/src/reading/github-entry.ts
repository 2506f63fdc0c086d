// What `tools/bundle-github.mjs` puts into one file. Nothing may import this for its values, only for its types: the
// packages below do not load in plain Node 20.

export { data, Evaluator, Lexer, Parser, wellKnownFunctions } from "@actions/expressions";
export {
  Binary,
  ContextAccess,
  type Expr,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Star,
  Unary,
} from "@actions/expressions/ast";
export type { FunctionDefinition } from "@actions/expressions/funcs/info";
export { FeatureFlags } from "@actions/expressions/features";
export { getActionSchema } from "@actions/workflow-parser/actions/action-schema";
export { convertWorkflowTemplate, ErrorPolicy } from "@actions/workflow-parser/model/convert";
export { ensureStatusFunction } from "@actions/workflow-parser/model/converter/if-condition";
export { splitAllowedContext } from "@actions/workflow-parser/templates/allowed-context";
export { TemplateContext, TemplateValidationErrors } from "@actions/workflow-parser/templates/template-context";
export { readTemplate } from "@actions/workflow-parser/templates/template-reader";
export type {
  BasicExpressionToken,
  LiteralToken,
  MappingToken,
  SequenceToken,
  StringToken,
  TemplateToken,
} from "@actions/workflow-parser/templates/tokens/index";
export { TokenType } from "@actions/workflow-parser/templates/tokens/types";
export { NoOperationTraceWriter } from "@actions/workflow-parser/templates/trace-writer";
export { getWorkflowSchema } from "@actions/workflow-parser/workflows/workflow-schema";
export { YamlObjectReader } from "@actions/workflow-parser/workflows/yaml-object-reader";
