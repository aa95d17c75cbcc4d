"""The version of the product, the same as `[product] version` in `toolchain/config.toml`."""

__version__ = "0.30.0"
