import { contractKinds } from "@fairway/core";
import { z } from "zod";
import { nameForm, secretForm } from "./forms.ts";
import type { ChainConfig, ContractsConfig, Value } from "./project-config.ts";
import { duration, form, text, wholeNumber } from "./schema-parts.ts";

const name = form(nameForm, "must be a name of small letters, digits and dashes that begins with a letter, 31 at most");
const address = form(/^0x[0-9a-fA-F]{40}$/u, 'must be an address: "0x" and 40 digits');
const functionName = form(
  /^[A-Za-z_$][\w$]*(?:\([\w,[\]()]*\))?$/u,
  'must be the name of a function: "initialize", or "initialize(address)" where there are several',
);
const args = z.array(text("must be a text, like every argument"), { error: "must be a list of texts" });
const callArgs = args.optional().meta({
  description:
    "Its arguments, as texts. `$safe` is who changes the contracts, and `$name` the address of a contract before it. Lists and structures are JSON.",
  examples: [["$safe", "$token", "1000000"]],
});

const call = z.strictObject(
  {
    function: functionName.meta({ description: "By its name, or its whole signature.", examples: ["initialize"] }),
    args: callArgs,
  },
  { error: "must be an object { function, args }" },
);

const contract = z
  .strictObject(
    {
      contract: form(
        /^(?:[\w./@-]+:)?[A-Za-z_$][\w$]*$/u,
        'must be the name of a contract: "TokenMarket", or "src/TokenMarket.sol:TokenMarket"',
      ).meta({ description: "As the compiler knows it.", examples: ["TokenMarket"] }),
      kind: z.enum(contractKinds, { error: `must be one of ${contractKinds.join(", ")}` }).meta({
        description:
          "How it changes: an upgrade of what a proxy leads to (`uups`, `transparent`, `beacon`), a new instance that the registry names from then on, or never.",
      }),
      args: callArgs.meta({
        description:
          "Of its constructor; those of the implementation where it is behind a proxy. `$safe` is who changes the contracts, and `$name` the address of a contract before it.",
        examples: [["$safe", "1000000"]],
      }),
      initializer: call.optional().meta({
        description: "Sets a new proxy up, in the transaction that makes it.",
        examples: [{ function: "initialize", args: ["$safe"] }],
      }),
      migrate: call
        .optional()
        .meta({ description: "Called in the transaction of an upgrade. No way back takes back what it writes." }),
      salt: text("must be a text").min(1, { error: "must be a text" }).optional().meta({
        description:
          "Of its address, which follows from this, its code and its arguments (CREATE2). The name of the service when left out.",
      }),
      unsafeAllow: z
        .array(form(/^[a-z-]+$/u, 'must be the name of a check, such as "delegatecall"'), {
          error: "must be a list of names",
        })
        .optional()
        .meta({
          description: "Checks of OpenZeppelin's upgrades-core that the team answers for itself.",
          examples: [["delegatecall"]],
        }),
    },
    { error: "must be an object { contract, kind, args, initializer, migrate, salt, unsafeAllow }" },
  )
  .meta({ id: "ContractConfig", description: "One smart contract." });

/** The smart contracts of a service. */
export const contracts: z.ZodType<ContractsConfig> = z
  .strictObject(
    {
      buildInfo: text("must be a path")
        .min(1, { error: "must be a path" })
        .optional()
        .meta({
          description:
            "The folder of build-info files in the artifact, as Hardhat writes them, and Foundry with `--build-info`.",
          default: "build-info",
          examples: ["artifacts/build-info"],
        }),
      contracts: z.record(name, contract, { error: "must be an object of names and contracts" }).meta({
        description: "Under the names by which the registry knows them; each after those that it refers to.",
        examples: [
          {
            market: { contract: "TokenMarket", kind: "uups", initializer: { function: "initialize", args: ["$safe"] } },
          },
        ],
      }),
      invariants: z
        .array(
          z.strictObject(
            {
              of: name.meta({ description: "The name of a contract." }),
              function: functionName.meta({ description: "A function that only reads." }),
              args: callArgs,
              equals: text("must be a text").meta({ description: "What it must answer.", examples: ["true"] }),
            },
            { error: "must be an object { of, function, args, equals }" },
          ),
          { error: "must be a list of { of, function, args, equals }" },
        )
        .optional()
        .meta({
          description: "Asked on a fork after a change was tried there, and again after its way back.",
          examples: [[{ of: "market", function: "isSolvent", equals: "true" }]],
        }),
    },
    { error: "must be an object { buildInfo, contracts, invariants }" },
  )
  .meta({
    id: "ContractsConfig",
    description:
      "Smart contracts, in the place of `run`: nothing is started, and the chain of each environment is changed.",
  });

const secret = z.strictObject({
  secret: form(secretForm, "must be the name of a secret: letters, digits and _").meta({
    description: "The name of the secret.",
  }),
});
const signer = z
  .union(
    [
      z.strictObject({
        keystore: text("must be a path")
          .min(1)
          .meta({
            description: "A keystore file of version 3 on the machine of the daemon.",
            examples: ["/etc/fairway/proposer.json"],
          }),
        password: secret.meta({ description: "What opens it." }),
      }),
      z.strictObject({
        kms: text("must be the ARN of a key")
          .min(1)
          .meta({ description: "A key of AWS KMS of the kind ECC_SECG_P256K1." }),
        region: text("must be a region")
          .min(1)
          .meta({ description: "Where it is.", examples: ["eu-central-1"] }),
      }),
    ],
    { error: "must be { keystore, password } or { kms, region }" },
  )
  .meta({ id: "ChainSigner", description: "A key, by where it lies. No key is ever written into the configuration." });

/** Where the contracts of a service are in an environment. */
export function chain(value: z.ZodType<Value>): z.ZodType<ChainConfig> {
  return z
    .strictObject(
      {
        id: wholeNumber(1, 2 ** 48).meta({
          description: "The number of the chain; a node of another is refused.",
          examples: [1],
        }),
        rpc: z
          .array(value, { error: "must be a list of addresses, or of secrets with one" })
          .min(1, { error: "must name at least one node" })
          .meta({
            description: "Its nodes, each asked where those before it do not answer.",
            examples: [[{ secret: "RPC_URL" }, "https://rpc.example.com"]],
          }),
        requestsPerSecond: wholeNumber(1, 10_000)
          .optional()
          .meta({ description: "To each node, at most.", default: 20 }),
        confirmations: wholeNumber(1, 10_000).optional().meta({
          description: "How many blocks must stand on a transaction, its own among them, before it counts.",
          default: 12,
        }),
        safe: z
          .strictObject({
            address: address.meta({ description: "Of the Safe that owns the contracts." }),
            service: z.url({ protocol: /^https?$/u, error: "must be an address" }).meta({
              description: "The base of the Safe Transaction Service.",
              examples: ["https://api.safe.global/tx-service/eth/api"],
            }),
            apiKey: secret.optional().meta({ description: "What the service is asked with." }),
            proposer: signer.meta({
              description:
                "A delegate of an owner: it lets proposals in, and its signature counts for none of the owners'.",
            }),
          })
          .optional()
          .meta({
            id: "SafeConfig",
            description: "The multi-signature wallet that is asked for every change. Fairway holds none of its keys.",
          }),
        signer: signer.optional().meta({
          description: "On networks whose coins have no worth alone: a key that changes contracts without asking.",
        }),
        registry: address.optional().meta({
          description: "A contract with `addressOf(bytes32)` and `setAddress(bytes32,address)` that names the others.",
        }),
        multiSend: address.optional().meta({
          description: "Makes several calls of the Safe one. That of Safe 1.4.1 (`MultiSendCallOnly`) when left out.",
        }),
        addresses: z.record(name, address, { error: "must be an object of names and addresses" }).optional().meta({
          description: "Contracts that were there before Fairway, by name.",
        }),
        poll: duration(10).optional().meta({ description: "Between two looks.", default: "15s" }),
      },
      { error: "must be an object { id, rpc, safe, … }" },
    )
    .meta({
      id: "ChainConfig",
      description: "On which chain a service's contracts are here, and who may change them.",
    });
}
