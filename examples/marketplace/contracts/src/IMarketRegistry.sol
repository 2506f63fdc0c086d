// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title IMarketRegistry
/// @notice What other contracts of the market may ask the registry.
interface IMarketRegistry {
    /// @notice Whether a maker may be paid for new orders.
    /// @param maker The maker's address.
    function isActive(address maker) external view returns (bool);

    /// @notice The maker and asking price of a listing that is for sale.
    /// @param listing The listing's id: the hash of its slug.
    function offer(bytes32 listing) external view returns (address maker, uint256 price);
}
