// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {MarketToken} from "../src/MarketToken.sol";
import {TokenMarket} from "../src/TokenMarket.sol";

interface Cheats {
    function deal(address who, uint256 balance) external;
    function prank(address who) external;
    function expectRevert() external;
}

/// Whoever trades at random while the invariants are watched: it lists, buys and withdraws, never more than it has.
contract Trader {
    Cheats private constant cheats = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    MarketToken private immutable token;
    TokenMarket private immutable market;

    constructor(MarketToken token_, TokenMarket market_) {
        token = token_;
        market = market_;
    }

    function list(uint256 amount, uint256 price) external {
        uint256 has = token.balanceOf(address(this));
        if (has == 0) return;
        amount = 1 + (amount % has);
        token.approve(address(market), amount);
        market.list(amount, price % 100 ether);
    }

    function buy(uint256 which) external {
        for (uint256 id = 0; id < 8; id++) {
            (bool known, bytes memory found) = address(market).staticcall(
                abi.encodeWithSignature("listings(uint256)", ((which % 8) + id) % 8)
            );
            if (!known) continue;
            (, uint256 amount, uint256 price) = abi.decode(found, (address, uint256, uint256));
            if (amount == 0) continue;
            cheats.deal(address(this), price);
            market.buy{value: price}(((which % 8) + id) % 8);
            return;
        }
    }

    function withdraw() external {
        if (market.proceeds(address(this)) > 0) market.withdraw();
    }

    receive() external payable {}
}

contract TokenMarketTest {
    Cheats private constant cheats = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    MarketToken private token;
    TokenMarket private market;
    Trader private trader;

    function setUp() public {
        token = new MarketToken(address(this), 1_000_000 ether);
        market = TokenMarket(
            address(
                new ERC1967Proxy(
                    address(new TokenMarket()),
                    abi.encodeCall(TokenMarket.initialize, (address(this), token))
                )
            )
        );
        trader = new Trader(token, market);
        token.transfer(address(trader), 1_000 ether);
    }

    function targetContracts() external view returns (address[] memory found) {
        found = new address[](1);
        found[0] = address(trader);
    }

    function test_NobodyElseUpgrades() external {
        TokenMarket next = new TokenMarket();
        cheats.prank(address(1));
        cheats.expectRevert();
        market.upgradeToAndCall(address(next), "");
    }

    function test_ItIsSetUpOnce() external {
        cheats.expectRevert();
        market.initialize(address(1), token);
    }

    function testFuzz_WhoBuysGetsWhatWasListed(uint96 amount, uint96 price) external {
        if (amount == 0) return;
        amount = uint96(amount % 1_000 ether) + 1;
        token.approve(address(market), amount);
        uint256 id = market.list(amount, price);
        cheats.deal(address(7), price);
        cheats.prank(address(7));
        market.buy{value: price}(id);
        assert(token.balanceOf(address(7)) == amount);
        assert(market.proceeds(address(this)) == price);
    }

    /// Whatever is traded, the market can pay.
    function invariant_TheMarketIsSolvent() external view {
        assert(market.isSolvent());
    }

    /// What is for sale is what the market holds, to the last token.
    function invariant_ItHoldsWhatIsListed() external view {
        assert(token.balanceOf(address(market)) == market.listed());
    }

    receive() external payable {}
}
