/** The deployment group of AWS CodeDeploy that moves a service of ECS, made by the team's infrastructure. */
export interface CodeDeployGroup {
  readonly application: string;
  readonly group: string;
  /** How traffic goes over, by CodeDeploy's name for it; what fits the strategy when null. */
  readonly configuration: string | null;
  /** Functions of AWS Lambda that CodeDeploy calls, by the moment at which it does. */
  readonly hooks: Readonly<Partial<Record<CodeDeployHook, string>>>;
}

/**
 * The moments at which CodeDeploy calls a function.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
 */
export const codeDeployHooks = [
  "BeforeInstall",
  "AfterInstall",
  "AfterAllowTestTraffic",
  "BeforeAllowTraffic",
  "AfterAllowTraffic",
] as const;

export type CodeDeployHook = (typeof codeDeployHooks)[number];
