const assert = require("node:assert/strict");
const { ethers } = require("ethers");
const { artifacts, network } = require("hardhat");

const provider = new ethers.providers.Web3Provider(network.provider);
const make = async (name, ...args) => {
  const { abi, bytecode } = await artifacts.readArtifact(name);
  const contract = await new ethers.ContractFactory(abi, bytecode, provider.getSigner(0)).deploy(...args);
  return contract.deployed();
};

describe("the market", () => {
  let token;
  let market;
  let seller;
  let buyer;

  beforeEach(async () => {
    [seller, buyer] = [provider.getSigner(0), provider.getSigner(1)];
    token = await make("MarketToken", await seller.getAddress(), 1_000);
    const implementation = await make("TokenMarket");
    const setUp = implementation.interface.encodeFunctionData("initialize", [await seller.getAddress(), token.address]);
    const proxy = await make("ERC1967Proxy", implementation.address, setUp);
    market = implementation.attach(proxy.address);
  });

  it("sells what was listed, and pays its seller", async () => {
    await (await token.approve(market.address, 10)).wait();
    await (await market.list(10, 500)).wait();
    await (await market.connect(buyer).buy(0, { value: 500 })).wait();
    assert.equal(String(await token.balanceOf(await buyer.getAddress())), "10");
    assert.equal(String(await market.owed()), "500");
    await (await market.withdraw()).wait();
    assert.equal(String(await market.owed()), "0");
    assert.equal(await market.isSolvent(), true);
  });

  it("takes no other price", async () => {
    await (await token.approve(market.address, 10)).wait();
    await (await market.list(10, 500)).wait();
    await assert.rejects(market.connect(buyer).buy(0, { value: 499 }), /WrongPrice\(500, 499\)/);
  });

  it("is upgraded by its owner alone", async () => {
    const next = await make("TokenMarket");
    await assert.rejects(market.connect(buyer).upgradeToAndCall(next.address, "0x"), /OwnableUnauthorizedAccount/);
    await (await market.upgradeToAndCall(next.address, "0x")).wait();
  });
});
