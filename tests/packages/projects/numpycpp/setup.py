import numpy
from setuptools import Extension, setup

setup(ext_modules=[Extension("medians", ["src/medians.cpp"], include_dirs=[numpy.get_include()])])
