import { spawn } from "node:child_process";
import { createCipheriv, randomBytes, scryptSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Abi, Address, Hex, PrivateKeyAccount, PublicClient, TestClient, WalletClient } from "viem";
import {
  concat,
  concatHex,
  createPublicClient,
  createTestClient,
  createWalletClient,
  encodeFunctionData,
  http,
  keccak256,
  zeroAddress,
} from "viem";
import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { readBuilds } from "../building/build-info.ts";
import { minedReceipt } from "../chain/mined-receipt.ts";
import type { SafeTransaction } from "../proposing/safe-transaction.ts";
import { safeTransactionHash } from "../proposing/safe-transaction.ts";
import { evmPrograms, safeArtifact } from "./evm-tools.ts";

/** The accounts that anvil gives coins to, whose keys everybody knows. */
const mnemonic = "test test test test test test test test test test test junk";

/** A chain of its own with a 2-of-3 Safe and a registry that it owns. */
export interface AnvilWorld {
  readonly url: string;
  readonly chain: number;
  readonly client: PublicClient;
  readonly test: TestClient;
  readonly wallet: WalletClient;
  readonly safe: Address;
  readonly multiSend: Address;
  readonly registry: Address;
  /** Three, of whom two must sign. */
  readonly owners: readonly PrivateKeyAccount[];
  /** Has coins, and is no owner. */
  readonly deployer: PrivateKeyAccount;
  /** A delegate, whose key is in a file. */
  readonly proposer: PrivateKeyAccount;
  readonly keystore: { readonly file: string; readonly password: string };
  deploy(abi: Abi, bytecode: Hex, args?: readonly unknown[]): Promise<Address>;
  /** Signs a Safe's transaction as an owner. */
  sign(owner: PrivateKeyAccount, hash: Hex): Promise<Hex>;
  /** Has it executed with these owners' signatures. */
  execute(transaction: SafeTransaction, owners: readonly PrivateKeyAccount[], gas?: bigint): Promise<Hex>;
  /** Sends the same, and does not wait until it is in a block. */
  send(
    transaction: SafeTransaction,
    owners: readonly PrivateKeyAccount[],
    over?: { readonly gas?: bigint; readonly maxFeePerGas?: bigint; readonly maxPriorityFeePerGas?: bigint },
  ): Promise<Hex>;
  close(): Promise<void>;
}

/** Starts anvil and puts there what a team would have. @param folder Where the keystore is written. */
export async function anvilWorld(folder: string, market: string, chain = 31337): Promise<AnvilWorld> {
  const child = spawn(join(evmPrograms, "anvil"), ["--port", "0", "--chain-id", String(chain)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (part: Buffer) => {
      const [, address] = /Listening on (\S+)/u.exec((said += String(part))) ?? [];
      if (address !== undefined) resolve(`http://${address}`);
    });
    void ended.then(() => reject(new Error(`anvil did not start: ${said}`)));
  });
  const transport = http(url);
  const client = createPublicClient({ transport, pollingInterval: 10, cacheTime: 0 });
  const wallet = createWalletClient({ transport });
  const accounts = [0, 1, 2, 3, 9].map((addressIndex) => keyOf(addressIndex));
  const [deployer, ...rest] = accounts as [PrivateKeyAccount, ...PrivateKeyAccount[]];
  const owners = rest.slice(0, 3);
  const proposer = rest[3] as PrivateKeyAccount;
  const deploy: AnvilWorld["deploy"] = async (abi, bytecode, args = []) => {
    const hash = await wallet.deployContract({ account: deployer, chain: null, abi, bytecode, args });
    const { contractAddress } = await minedReceipt(client, hash);
    return contractAddress as Address;
  };
  const singleton = safeArtifact("Safe.sol/Safe.json");
  const factory = safeArtifact("proxies/SafeProxyFactory.sol/SafeProxyFactory.json");
  const multi = safeArtifact("libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json");
  const singletonAt = await deploy(singleton.abi, singleton.bytecode);
  const factoryAt = await deploy(factory.abi, factory.bytecode);
  const multiSend = await deploy(multi.abi, multi.bytecode);
  const initializer = encodeFunctionData({
    abi: singleton.abi,
    functionName: "setup",
    args: [owners.map(({ address }) => address), 2n, zeroAddress, "0x", zeroAddress, zeroAddress, 0n, zeroAddress],
  });
  const { request, result } = await client.simulateContract({
    ...{ account: deployer, address: factoryAt, abi: factory.abi },
    ...{ functionName: "createProxyWithNonce", args: [singletonAt, initializer, 1n] },
  });
  await minedReceipt(client, await wallet.writeContract({ ...request, chain: null }));
  const safe = result as Address;
  const registryBuild = (await readBuilds(join(market, "build-info"))).find("AddressRegistry");
  if (registryBuild === null) throw new Error("the market has no registry");
  const registry = await deploy(registryBuild.abi, registryBuild.creation, [safe]);
  const keystore = { file: join(folder, "proposer.json"), password: "correct horse" };
  await writeFile(keystore.file, keystoreOf(keySecret(9), keystore.password), { mode: 0o600 });
  const sign: AnvilWorld["sign"] = (owner, hash) => owner.sign({ hash });
  const send: AnvilWorld["send"] = async (transaction, signers, over = {}) => {
    const hash = safeTransactionHash(chain, safe, transaction);
    const sorted = signers.toSorted((one, other) => (one.address.toLowerCase() < other.address.toLowerCase() ? -1 : 1));
    const signatures = concatHex(await Promise.all(sorted.map((owner) => sign(owner, hash))));
    const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver } = transaction;
    return wallet.writeContract({
      ...{ account: signers[0] ?? deployer, chain: null, address: safe, abi: singleton.abi },
      ...{ functionName: "execTransaction", ...over },
      args: [to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, signatures],
    });
  };
  return {
    ...{
      url,
      chain,
      client,
      wallet,
      safe,
      multiSend,
      registry,
      owners,
      deployer,
      proposer,
      keystore,
      deploy,
      sign,
      send,
    },
    test: createTestClient({ transport, mode: "anvil" }),
    async execute(transaction, signers, gas) {
      const sent = await send(transaction, signers, gas === undefined ? {} : { gas });
      await minedReceipt(client, sent);
      return sent;
    },
    async close() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const keySecret = (addressIndex: number): Hex => {
  const { privateKey } = mnemonicToAccount(mnemonic, { addressIndex }).getHdKey();
  return `0x${Buffer.from(privateKey ?? []).toString("hex")}`;
};
const keyOf = (addressIndex: number): PrivateKeyAccount => privateKeyToAccount(keySecret(addressIndex));

/** A keystore of version 3, as quick to open as one may be. */
function keystoreOf(key: Hex, password: string): string {
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const derived = scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 });
  const cipher = createCipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  const sealed = Buffer.concat([cipher.update(Buffer.from(key.slice(2), "hex")), cipher.final()]);
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  return JSON.stringify({
    version: 3,
    id: "00000000-0000-4000-8000-000000000000",
    crypto: {
      ...{ cipher: "aes-128-ctr", ciphertext: hex(sealed), cipherparams: { iv: hex(iv) }, kdf: "scrypt" },
      kdfparams: { dklen: 32, n: 1024, r: 8, p: 1, salt: hex(salt) },
      mac: hex(keccak256(concat([derived.subarray(16, 32), sealed]), "bytes")),
    },
  });
}
