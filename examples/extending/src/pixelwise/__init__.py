"""Drawing on a canvas and reducing typed arrays, in compiled code."""

from ._fast import draw_polyline, mean, total

__all__ = ["draw_polyline", "mean", "total"]
