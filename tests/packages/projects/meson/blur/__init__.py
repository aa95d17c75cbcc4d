from ._blur import blur

__all__ = ["blur"]
