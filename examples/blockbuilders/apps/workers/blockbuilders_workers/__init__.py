"""Runs backtests."""
