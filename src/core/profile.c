/* Keeps the profiling runtime asleep.
 *
 * A main module links every system library whole, and emscripten's compiler-rt holds LLVM's
 * profiling runtime, whose initialiser would write a file `default.profraw`. This definition
 * stands in for its entry point: the link takes the first of several definitions. */

void __llvm_profile_initialize(void);

void
__llvm_profile_initialize(void)
{
}
