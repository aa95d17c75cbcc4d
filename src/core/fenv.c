/* Floating-point exception flags kept in software.
 *
 * WebAssembly has none, and musl's fenv is empty there: fetestexcept() always says 0, so
 * libraries that raise a flag themselves and test it later (numpy's linalg does) would miss it.
 * Arithmetic still sets no flag; only feraiseexcept() does.
 *
 * The flag bits are those that extension modules are compiled with, since emscripten's <fenv.h>
 * defines none: FE_INVALID 1, FE_DIVBYZERO 4, FE_OVERFLOW 8, FE_UNDERFLOW 16.
 */

#include <fenv.h>
#include <string.h>

enum { ALL_FLAGS = 1 | 4 | 8 | 16 };

static int raised;

_Static_assert(sizeof(fenv_t) >= sizeof raised, "fenv_t has no room for the flags");

int
feclearexcept(int flags)
{
  raised &= ~flags;
  return 0;
}

int
feraiseexcept(int flags)
{
  raised |= flags & ALL_FLAGS;
  return 0;
}

int
fetestexcept(int flags)
{
  return raised & flags;
}

int
fegetenv(fenv_t *environment)
{
  memcpy(environment, &raised, sizeof raised);
  return 0;
}

int
fesetenv(const fenv_t *environment)
{
  if (environment == FE_DFL_ENV) {
    raised = 0;
  } else {
    memcpy(&raised, environment, sizeof raised);
  }
  return 0;
}

/* musl writes these two in terms of FE_ALL_EXCEPT, which is 0 here. */

int
feholdexcept(fenv_t *environment)
{
  fegetenv(environment);
  raised = 0;
  return 0;
}

int
feupdateenv(const fenv_t *environment)
{
  int before = raised;
  fesetenv(environment);
  return feraiseexcept(before);
}
