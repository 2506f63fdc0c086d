"""Strategies and backtests over HTTP."""
