// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title FeePolicy
/// @notice What the market keeps of a sale. A new policy is a new contract, found by the registry.
contract FeePolicy {
    /// @notice In hundredths of a percent.
    uint256 public constant BASIS_POINTS = 250;

    /// @notice The fee of a sale.
    /// @param price What the buyer pays, in wei.
    function feeOf(uint256 price) external pure returns (uint256) {
        return (price * BASIS_POINTS) / 10_000;
    }
}
