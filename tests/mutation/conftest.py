"""Deployments that break the contract, which the verifier must find, and conforming ones, which it must pass."""

from tests.verify.conftest import base_url, contract, judge

__all__ = ["base_url", "contract", "judge"]
