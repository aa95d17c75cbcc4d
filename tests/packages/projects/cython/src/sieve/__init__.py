from ._sieve import Counter, primes_below

__all__ = ["Counter", "primes_below"]
