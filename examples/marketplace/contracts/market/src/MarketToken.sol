// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title MarketToken
/// @notice What is traded on the market. Nobody can change it once it is there.
contract MarketToken is ERC20 {
    /// @param holder Who gets all of it at first.
    /// @param supply How much there will ever be.
    constructor(address holder, uint256 supply) ERC20("Market Token", "MKT") {
        _mint(holder, supply);
    }
}
