// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Initializable} from "@openzeppelin/contracts-upgradeable/proxy/utils/Initializable.sol";
import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title TokenMarket
/// @notice Sells tokens for ether at a fixed price. It holds what is for sale, and what sellers have not fetched yet.
contract TokenMarket is Initializable, OwnableUpgradeable, UUPSUpgradeable {
    struct Listing {
        address seller;
        uint256 amount;
        uint256 price;
    }

    IERC20 public token;
    uint256 public listed;
    uint256 public owed;
    Listing[] public listings;
    mapping(address seller => uint256) public proceeds;

    event Listed(uint256 indexed id, address indexed seller, uint256 amount, uint256 price);
    event Sold(uint256 indexed id, address indexed buyer);
    event Withdrawn(address indexed seller, uint256 amount);

    error Nothing();
    error WrongPrice(uint256 asked, uint256 given);
    error NotForSale(uint256 id);
    error NotPaid(address seller);

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @notice Sets the market up, once.
    /// @param firstOwner Who may upgrade it: the multi-signature wallet.
    /// @param traded The token that is traded.
    function initialize(address firstOwner, IERC20 traded) external initializer {
        __Ownable_init(firstOwner);
        __UUPSUpgradeable_init();
        token = traded;
    }

    /// @notice Which version this is.
    function version() external pure virtual returns (uint256) {
        return 1;
    }

    /// @notice Whether the market can pay whoever it owes; asked after each upgrade.
    function isSolvent() external view returns (bool) {
        return token.balanceOf(address(this)) >= listed && address(this).balance >= owed;
    }

    /// @notice Puts tokens up for sale, which the market takes.
    /// @param amount How many.
    /// @param price For all of them, in wei.
    function list(uint256 amount, uint256 price) external returns (uint256 id) {
        if (amount == 0) revert Nothing();
        id = listings.length;
        listings.push(Listing(msg.sender, amount, price));
        listed += amount;
        emit Listed(id, msg.sender, amount, price);
        if (!token.transferFrom(msg.sender, address(this), amount)) revert NotPaid(msg.sender);
    }

    /// @notice Buys all of a listing.
    /// @param id The listing.
    function buy(uint256 id) external payable {
        Listing memory found = listings[id];
        if (found.amount == 0) revert NotForSale(id);
        if (msg.value != found.price) revert WrongPrice(found.price, msg.value);
        listings[id].amount = 0;
        owed += found.price;
        proceeds[found.seller] += found.price;
        emit Sold(id, msg.sender);
        if (!token.transfer(msg.sender, found.amount)) revert NotPaid(msg.sender);
    }

    /// @notice Fetches what one's sales brought.
    function withdraw() external {
        uint256 amount = proceeds[msg.sender];
        if (amount == 0) revert Nothing();
        proceeds[msg.sender] = 0;
        owed -= amount;
        emit Withdrawn(msg.sender, amount);
        (bool paid, ) = msg.sender.call{value: amount}("");
        if (!paid) revert NotPaid(msg.sender);
    }

    function _authorizeUpgrade(address) internal override onlyOwner {}
}
