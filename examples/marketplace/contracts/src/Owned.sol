// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Owned
/// @notice A contract with one owner, meant to be a multi-signature wallet. Ownership moves in two steps, so that it
/// cannot be given to an address that nobody holds.
abstract contract Owned {
    address public owner;
    address public pendingOwner;

    event OwnershipOffered(address indexed from, address indexed to);
    event OwnershipMoved(address indexed from, address indexed to);

    error NotOwner(address caller);
    error NotPendingOwner(address caller);
    error NoOwner();

    constructor(address firstOwner) {
        if (firstOwner == address(0)) revert NoOwner();
        owner = firstOwner;
        emit OwnershipMoved(address(0), firstOwner);
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    /// @notice Offers the ownership to another address; nothing changes until it accepts.
    /// @param to Who may accept. The zero address takes an offer back.
    function offerOwnership(address to) external onlyOwner {
        pendingOwner = to;
        emit OwnershipOffered(owner, to);
    }

    /// @notice Accepts an offered ownership.
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner(msg.sender);
        emit OwnershipMoved(owner, msg.sender);
        owner = msg.sender;
        pendingOwner = address(0);
    }
}
