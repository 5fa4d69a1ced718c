"""Makes `pytest contract_tests` work in a source tree that is not installed."""

pytest_plugins = ("billecta_verify.runner.plugin",)
