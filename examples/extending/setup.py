"""Builds the Cython module of `pixelwise`; everything else is said in pyproject.toml."""

from Cython.Build import cythonize
from setuptools import Extension, setup

import pyodide

module = Extension(
    "pixelwise._fast", ["src/pixelwise/_fast.pyx"], include_dirs=[pyodide.get_include()]
)
# The .pxd files of the bridge lie beside the package `pyodide`, where Cython finds them by itself.
setup(ext_modules=cythonize([module]))
