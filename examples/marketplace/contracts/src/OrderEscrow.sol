// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMarketRegistry} from "./IMarketRegistry.sol";
import {Owned} from "./Owned.sol";

/// @title OrderEscrow
/// @notice Holds a buyer's payment until the thing has arrived. The maker is paid when the buyer says so or when the
/// buyer was silent for long enough; the owner settles what the two cannot agree on.
contract OrderEscrow is Owned {
    enum State {
        None,
        Paid,
        Sent,
        Disputed,
        Closed
    }

    struct Order {
        address buyer;
        address maker;
        uint256 amount;
        uint64 changedAt;
        State state;
    }

    /// @notice How long a maker has to send, before the buyer may take the payment back.
    uint64 public constant TIME_TO_SEND = 30 days;
    /// @notice How long a buyer has to complain, before the maker may take the payment.
    uint64 public constant TIME_TO_COMPLAIN = 14 days;

    IMarketRegistry public immutable registry;

    uint256 public orderCount;
    mapping(uint256 order => Order) public orders;
    mapping(address account => uint256) public balances;

    event OrderPaid(uint256 indexed order, bytes32 indexed listing, address indexed buyer, uint256 amount);
    event OrderSent(uint256 indexed order, string tracking);
    event OrderDisputed(uint256 indexed order, string reason);
    event OrderClosed(uint256 indexed order, uint256 toMaker, uint256 toBuyer);
    event Withdrawn(address indexed account, uint256 amount);

    error WrongAmount(uint256 sent, uint256 price);
    error WrongState(uint256 order, State state);
    error NotAllowed(uint256 order, address caller);
    error TooEarly(uint256 order, uint64 until);
    error NothingToWithdraw(address account);
    error TransferFailed(address account);

    constructor(address firstOwner, IMarketRegistry marketRegistry) Owned(firstOwner) {
        registry = marketRegistry;
    }

    modifier inState(uint256 order, State wanted) {
        if (orders[order].state != wanted) revert WrongState(order, orders[order].state);
        _;
    }

    /// @notice Buys a listing at its price, which is held here.
    /// @param listing The listing to buy.
    /// @return order The number of the order.
    function pay(bytes32 listing) external payable returns (uint256 order) {
        (address maker, uint256 price) = registry.offer(listing);
        if (msg.value != price) revert WrongAmount(msg.value, price);
        order = ++orderCount;
        orders[order] = Order({
            buyer: msg.sender,
            maker: maker,
            amount: msg.value,
            changedAt: uint64(block.timestamp),
            state: State.Paid
        });
        emit OrderPaid(order, listing, msg.sender, msg.value);
    }

    /// @notice Says that the thing is on its way.
    /// @param order The order.
    /// @param tracking Where the buyer can follow it.
    function send(uint256 order, string calldata tracking) external inState(order, State.Paid) {
        if (msg.sender != orders[order].maker) revert NotAllowed(order, msg.sender);
        _move(order, State.Sent);
        emit OrderSent(order, tracking);
    }

    /// @notice Pays the maker: the buyer at any time once it was sent, the maker after the time to complain.
    /// @param order The order.
    function confirm(uint256 order) external inState(order, State.Sent) {
        Order storage found = orders[order];
        if (msg.sender == found.maker) _notBefore(order, found.changedAt + TIME_TO_COMPLAIN);
        else if (msg.sender != found.buyer) revert NotAllowed(order, msg.sender);
        _close(order, found.amount);
    }

    /// @notice Takes back the payment of an order that was never sent.
    /// @param order The order.
    function reclaim(uint256 order) external inState(order, State.Paid) {
        Order storage found = orders[order];
        if (msg.sender != found.buyer) revert NotAllowed(order, msg.sender);
        _notBefore(order, found.changedAt + TIME_TO_SEND);
        _close(order, 0);
    }

    /// @notice Asks the owner to look at an order that was sent.
    /// @param order The order.
    /// @param reason What is wrong, for everyone to read.
    function dispute(uint256 order, string calldata reason) external inState(order, State.Sent) {
        if (msg.sender != orders[order].buyer) revert NotAllowed(order, msg.sender);
        _move(order, State.Disputed);
        emit OrderDisputed(order, reason);
    }

    /// @notice Settles a disputed order.
    /// @param order The order.
    /// @param toMaker The maker's part of the payment; the buyer gets the rest.
    function settle(uint256 order, uint256 toMaker) external onlyOwner inState(order, State.Disputed) {
        if (toMaker > orders[order].amount) revert WrongAmount(toMaker, orders[order].amount);
        _close(order, toMaker);
    }

    /// @notice Takes out what orders have brought the caller.
    function withdraw() external {
        uint256 amount = balances[msg.sender];
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        // Before the transfer: a caller that calls again from inside it finds nothing.
        balances[msg.sender] = 0;
        emit Withdrawn(msg.sender, amount);
        (bool sent,) = msg.sender.call{value: amount}("");
        if (!sent) revert TransferFailed(msg.sender);
    }

    function _move(uint256 order, State state) private {
        orders[order].state = state;
        orders[order].changedAt = uint64(block.timestamp);
    }

    function _close(uint256 order, uint256 toMaker) private {
        Order storage found = orders[order];
        _move(order, State.Closed);
        balances[found.maker] += toMaker;
        balances[found.buyer] += found.amount - toMaker;
        emit OrderClosed(order, toMaker, found.amount - toMaker);
    }

    function _notBefore(uint256 order, uint64 until) private view {
        if (block.timestamp < until) revert TooEarly(order, until);
    }
}
