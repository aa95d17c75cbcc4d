"""Drives the runtime under test in Node processes. Start reading at runtime.py."""
