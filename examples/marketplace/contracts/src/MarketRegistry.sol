// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMarketRegistry} from "./IMarketRegistry.sol";
import {Owned} from "./Owned.sol";

/// @title MarketRegistry
/// @notice Who may sell on the market, and what is for sale. The owner admits makers; makers keep their own listings.
contract MarketRegistry is IMarketRegistry, Owned {
    struct Maker {
        bool admitted;
        bool suspended;
        /// Hash of the profile that the owner saw when it admitted the maker.
        bytes32 profile;
    }

    struct Listing {
        address maker;
        uint256 price;
        /// Hash of the description and pictures, so that a buyer can prove what was offered.
        bytes32 content;
        bool retired;
    }

    mapping(address maker => Maker) public makers;
    mapping(bytes32 listing => Listing) public listings;

    event MakerAdmitted(address indexed maker, bytes32 profile);
    event MakerSuspended(address indexed maker, string reason);
    event MakerReinstated(address indexed maker);
    event ListingPublished(bytes32 indexed listing, address indexed maker, uint256 price, bytes32 content);
    event ListingRepriced(bytes32 indexed listing, uint256 from, uint256 to);
    event ListingRetired(bytes32 indexed listing);

    error AlreadyAdmitted(address maker);
    error NotAdmitted(address maker);
    error NotActive(address maker);
    error ListingExists(bytes32 listing);
    error NotTheMaker(bytes32 listing, address caller);
    error NotForSale(bytes32 listing);
    error NoPrice();

    constructor(address firstOwner) Owned(firstOwner) {}

    modifier onlyMakerOf(bytes32 listing) {
        if (listings[listing].maker != msg.sender) revert NotTheMaker(listing, msg.sender);
        if (listings[listing].retired) revert NotForSale(listing);
        _;
    }

    /// @notice Admits a maker to the market.
    /// @param maker The address that will publish and be paid.
    /// @param profile Hash of the profile the decision was made on.
    function admit(address maker, bytes32 profile) external onlyOwner {
        if (makers[maker].admitted) revert AlreadyAdmitted(maker);
        makers[maker] = Maker({admitted: true, suspended: false, profile: profile});
        emit MakerAdmitted(maker, profile);
    }

    /// @notice Stops new sales of a maker. Orders that are open already are not touched.
    /// @param maker The maker to suspend.
    /// @param reason Why, for everyone to read.
    function suspend(address maker, string calldata reason) external onlyOwner {
        if (!isActive(maker)) revert NotActive(maker);
        makers[maker].suspended = true;
        emit MakerSuspended(maker, reason);
    }

    /// @notice Lets a suspended maker sell again.
    /// @param maker The maker to reinstate.
    function reinstate(address maker) external onlyOwner {
        if (!makers[maker].suspended) revert NotAdmitted(maker);
        makers[maker].suspended = false;
        emit MakerReinstated(maker);
    }

    /// @notice Puts a thing up for sale under the caller's name.
    /// @param listing The listing's id, which can be used once.
    /// @param price What it costs, in wei.
    /// @param content Hash of its description and pictures.
    function publish(bytes32 listing, uint256 price, bytes32 content) external {
        if (!isActive(msg.sender)) revert NotActive(msg.sender);
        if (listings[listing].maker != address(0)) revert ListingExists(listing);
        if (price == 0) revert NoPrice();
        listings[listing] = Listing({maker: msg.sender, price: price, content: content, retired: false});
        emit ListingPublished(listing, msg.sender, price, content);
    }

    /// @notice Changes what a thing costs, for orders from now on.
    /// @param listing The listing.
    /// @param price The new price, in wei.
    function reprice(bytes32 listing, uint256 price) external onlyMakerOf(listing) {
        if (price == 0) revert NoPrice();
        emit ListingRepriced(listing, listings[listing].price, price);
        listings[listing].price = price;
    }

    /// @notice Takes a thing off the market for good.
    /// @param listing The listing.
    function retire(bytes32 listing) external onlyMakerOf(listing) {
        listings[listing].retired = true;
        emit ListingRetired(listing);
    }

    /// @inheritdoc IMarketRegistry
    function isActive(address maker) public view returns (bool) {
        return makers[maker].admitted && !makers[maker].suspended;
    }

    /// @inheritdoc IMarketRegistry
    function offer(bytes32 listing) external view returns (address maker, uint256 price) {
        Listing storage found = listings[listing];
        if (found.maker == address(0) || found.retired || !isActive(found.maker)) revert NotForSale(listing);
        return (found.maker, found.price);
    }
}
