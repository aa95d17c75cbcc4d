"""The build system: one small module per duty, driven by tools/build.py."""
