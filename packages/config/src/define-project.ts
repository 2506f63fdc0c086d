import type { ProjectConfig } from "./project-config.ts";

/** Gives a configuration its type, so that editors know every key. It does nothing else. */
export const defineProject = (project: ProjectConfig): ProjectConfig => project;
