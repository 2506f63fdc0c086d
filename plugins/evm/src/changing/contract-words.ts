import type { Abi, AbiFunction, AbiParameter, Address, Hex } from "viem";
import { concatHex, decodeFunctionData, encodeAbiParameters, encodeFunctionData, isAddress } from "viem";

/** What could be made of words of the configuration, or why nothing could. */
export type Words<Value> = { readonly value: Value } | { readonly problem: string };

/** What `$name` in arguments stands for. */
export type AddressNames = ReadonlyMap<string, Address>;

/** The creation code of a contract with the arguments of its constructor. */
export function creationWith(
  { name, abi, creation }: { readonly name: string; readonly abi: Abi; readonly creation: Hex },
  args: readonly string[],
  names: AddressNames,
): Words<Hex> {
  const inputs =
    abi.find((item): item is Extract<Abi[number], { type: "constructor" }> => item.type === "constructor")?.inputs ??
    [];
  const values = valuesFor(`the constructor of ${name}`, inputs, args, names);
  if ("problem" in values) return values;
  return encoded(`the constructor of ${name}`, () => concatHex([creation, encodeAbiParameters(inputs, values.value)]));
}

/** The calldata of a function by its name, or by its whole signature where several have that name. */
export function callOf(
  { name, abi }: { readonly name: string; readonly abi: Abi },
  wanted: string,
  args: readonly string[],
  names: AddressNames,
): Words<Hex> {
  const functions = abi.filter((item): item is AbiFunction => item.type === "function");
  const found = functions.filter(
    (item) => signatureOf(item) === wanted || (item.name === wanted && item.inputs.length === args.length),
  );
  const [item, ...others] = found;
  if (item === undefined || others.length > 0)
    return {
      problem: `${name} has ${item === undefined ? "no" : "more than one"} function ${wanted} with ${args.length} arguments; it has ${functions.map(signatureOf).join(", ")}`,
    };
  const values = valuesFor(`${name}.${wanted}`, item.inputs, args, names);
  if ("problem" in values) return values;
  return encoded(`${name}.${wanted}`, () => encodeFunctionData({ abi: [item], args: values.value }));
}

const encoded = (what: string, encode: () => Hex): Words<Hex> => {
  try {
    return { value: encode() };
  } catch (thrown) {
    const { shortMessage } = thrown as { readonly shortMessage?: string };
    return { problem: `${what} does not take these arguments: ${shortMessage ?? "they do not fit"}` };
  }
};

const signatureOf = ({ name, inputs }: AbiFunction): string => `${name}(${inputs.map(({ type }) => type).join(",")})`;

function valuesFor(
  what: string,
  inputs: readonly AbiParameter[],
  args: readonly string[],
  names: AddressNames,
): Words<readonly unknown[]> {
  if (inputs.length !== args.length)
    return { problem: `${what} takes ${inputs.length} arguments, and ${args.length} are written` };
  const values: unknown[] = [];
  for (const [index, input] of inputs.entries()) {
    const one = valueFor(input, args[index] ?? "", names);
    if ("problem" in one) return { problem: `${what}, argument ${index + 1}: ${one.problem}` };
    values.push(one.value);
  }
  return { value: values };
}

function valueFor({ type }: AbiParameter, word: string, names: AddressNames): Words<unknown> {
  const written = word.startsWith("$") ? names.get(word.slice(1)) : word;
  if (written === undefined)
    return {
      problem: `${word} is the name of no contract before it; there are ${[...names.keys()].map((name) => `$${name}`).join(", ")}`,
    };
  if (type === "address") return isAddress(written) ? { value: written } : { problem: `"${written}" is no address` };
  if (/^u?int\d*$/u.test(type))
    return /^-?\d+$|^0x[0-9a-f]+$/iu.test(written)
      ? { value: BigInt(written) }
      : { problem: `"${written}" is no whole number` };
  if (type === "bool")
    return /^(?:true|false)$/u.test(written)
      ? { value: written === "true" }
      : { problem: `"${written}" is neither true nor false` };
  if (type === "string") return { value: written };
  if (type.startsWith("bytes") && !type.endsWith("]"))
    return /^0x(?:[0-9a-f]{2})*$/iu.test(written)
      ? { value: written }
      : { problem: `"${written}" is not of the form 0x…` };
  try {
    return { value: JSON.parse(written) as unknown };
  } catch {
    return { problem: `"${written}" is no JSON, which an argument of the type ${type} is written in` };
  }
}

/** A call as people read it: `TokenMarket.upgradeToAndCall(newImplementation: 0x…, data: 0x)`. */
export function callText(of: string, abi: Abi, data: Hex): string {
  const { functionName, args = [] } = decodeFunctionData({ abi, data });
  const item = abi.find(
    (one): one is AbiFunction =>
      one.type === "function" && one.name === functionName && one.inputs.length === args.length,
  );
  const words = args.map((value, index) => {
    const name = item?.inputs[index]?.name ?? "";
    return `${name === "" ? "" : `${name}: `}${wordOf(value)}`;
  });
  return `${of}.${functionName}(${words.join(", ")})`;
}

/** A value of a chain as text, the same for what is read and what is written. */
export const wordOf = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part))
    : String(value);
