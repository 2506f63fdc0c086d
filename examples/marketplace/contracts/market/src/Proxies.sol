// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

// What is put before the contracts that can be upgraded; imported so that it is compiled, too.
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
