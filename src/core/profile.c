/* Keeps the profiling runtime asleep, until it is asked for its counts by what `make profile` runs.
 *
 * A main module links every system library whole, and emscripten's compiler-rt holds LLVM's
 * profiling runtime, whose initialiser would write a file `default.profraw`. This definition
 * stands in for its entry point: the link takes the first of several definitions. */

void __llvm_profile_initialize(void);

void
__llvm_profile_initialize(void)
{
}

#ifdef PYODIDE_COUNTING

#include <emscripten.h>

void __llvm_profile_set_filename(const char *name);
int __llvm_profile_write_file(void);

/** Write how often everything has run to a file of the virtual file system. Returns 0, or -1. */
EMSCRIPTEN_KEEPALIVE int
write_counts(void)
{
  __llvm_profile_set_filename("/tmp/counts.profraw");
  return __llvm_profile_write_file();
}

#endif
