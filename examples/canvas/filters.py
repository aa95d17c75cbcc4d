"""What the page's buttons do: pictures of a canvas as arrays, and back."""

import numpy as np

from js import ImageData


def read(context):
    """Return the pixels of a canvas, of shape (height, width, 4)."""
    width, height = context.canvas.width, context.canvas.height
    # `data` is a Uint8ClampedArray: asarray copies it into an array of uint8.
    pixels = np.asarray(context.getImageData(0, 0, width, height).data)
    return pixels.reshape(height, width, 4)


def write(context, pixels):
    """Draw an array of shape (height, width, 4); it need not be contiguous."""
    height, width, _ = pixels.shape
    image = ImageData.new(width, height)
    image.data.assign(np.ascontiguousarray(pixels, dtype=np.uint8))
    context.putImageData(image, 0, 0)


def invert(pixels):
    """Return the negative; what is transparent stays so."""
    return np.dstack([255 - pixels[..., :3], pixels[..., 3:]])


def brightness(pixels):
    """Return how bright the pixels look, of shape (height, width)."""
    return pixels[..., :3] @ np.array([0.299, 0.587, 0.114])


def grey(pixels):
    """Return the picture without its colours."""
    return np.dstack([brightness(pixels)] * 3 + [pixels[..., 3]])


def blur(pixels):
    """Return the mean of each pixel and its neighbours."""
    height, width, _ = pixels.shape
    around = np.pad(pixels.astype(float), ((1, 1), (1, 1), (0, 0)), mode="edge")
    shifted = [around[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.mean(shifted, axis=0)


def edges(pixels):
    """Return where brightness changes, as white lines on black."""
    down, across = np.gradient(brightness(pixels))
    steep = np.clip(4 * np.hypot(down, across), 0, 255)
    return np.dstack([steep] * 3 + [pixels[..., 3]])


def apply(name, context):
    """Do what the button `name` is for."""
    write(
        context, {"invert": invert, "grey": grey, "blur": blur, "edges": edges}[name](read(context))
    )


class Waves:
    """Waves of two stones in water; `pixels` is the memory that the page draws from."""

    def __init__(self, width, height):
        y, x = np.mgrid[:height, :width]
        stones = [(0.3 * width, 0.4 * height), (0.7 * width, 0.6 * height)]
        self.distances = [np.hypot(x - a, y - b).astype("f4") for a, b in stones]
        self.pixels = np.full((height, width, 4), 255, np.uint8)

    def step(self, time):
        """Calculate the frame at a time in seconds."""
        height = sum(np.sin(d / 6 - 5 * time) / (1 + d / 40) for d in self.distances)
        self.pixels[..., 2] = 150 + 50 * height
        self.pixels[..., 1] = 90 + 60 * height
        self.pixels[..., 0] = 30 + 10 * height
