"""CPython's interactive prompt calls this package for one with colours, which needs termios.

Here the plain prompt takes its place; lines are edited by the program `python`, outside of Python.
"""
