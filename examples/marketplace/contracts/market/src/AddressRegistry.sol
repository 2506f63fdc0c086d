// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title AddressRegistry
/// @notice Which address each contract of the market has now. The owner is the market's multi-signature wallet.
contract AddressRegistry {
    address public immutable owner;
    mapping(bytes32 name => address) private _addresses;
    mapping(bytes32 name => uint256) private _versions;

    event AddressSet(bytes32 indexed name, address indexed was, address indexed is_, uint256 version);

    error NotTheOwner(address caller);
    error NoCode(address given);

    constructor(address firstOwner) {
        owner = firstOwner;
    }

    /// @notice The address that a name has; zero where it has none.
    /// @param name The name: its letters, filled up with zeros.
    function addressOf(bytes32 name) external view returns (address) {
        return _addresses[name];
    }

    /// @notice How often a name has got an address.
    /// @param name The name.
    function versionOf(bytes32 name) external view returns (uint256) {
        return _versions[name];
    }

    /// @notice Gives a name another address.
    /// @param name The name.
    /// @param given The address of a contract.
    function setAddress(bytes32 name, address given) external {
        if (msg.sender != owner) revert NotTheOwner(msg.sender);
        if (given.code.length == 0) revert NoCode(given);
        emit AddressSet(name, _addresses[name], given, ++_versions[name]);
        _addresses[name] = given;
    }
}
