export { controlSocketOf, usage } from "./process/arguments.ts";
