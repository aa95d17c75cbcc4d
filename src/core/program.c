/* What a program, rather than a library, asks of the interpreter: to do what its command line says
 * and to end. */
#define Py_BUILD_CORE 1
#include <Python.h>

#include <emscripten/stack.h>
#include <internal/pycore_runtime.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi.gen.h"
#include "slot.h"
#include "switch.h"

#define EXPORT(name)                                                                               \
  JsVal name(int32_t a, int32_t b, Slot *frame, int32_t n, Slot *out, JsVal r0, JsVal r1,          \
             JsVal r2, JsVal r3)
#define UNUSED_PARAMS (void)a, (void)b, (void)frame, (void)n, (void)r0, (void)r1, (void)r2, (void)r3

static int
run(void)
{
  int status = Py_RunMain();
  /* Emscripten flushes nothing at the end. */
  fflush(NULL);
  return status;
}

/* `base` is where C's stack is in the export. There is no switch_end(): the thread that it would
 * put back has ended with the interpreter. */
static __attribute__((noinline)) void
run_promising(char *base, JsVal settler)
{
  Slot status;
  slot_set_int(&status, switch_begin(base) ? run() : EXIT_FAILURE);
  jsx_call_ended(settler, &status, JSVAL_NONE);
}

EXPORT(pyx_run_main)
{
  UNUSED_PARAMS;
  slot_set_int(out, run());
  return JSVAL_NONE;
}

EXPORT(pyx_run_main_promising)
{
  UNUSED_PARAMS;
  (void)out;
  run_promising((char *)emscripten_stack_get_current(), r0);
  return JSVAL_NONE;
}

/* Called when the runtime has ended; CPython has left this for the code that ends the process. */
EXPORT(pyx_unhandled_interrupt)
{
  UNUSED_PARAMS;
  slot_set_int(out, _PyRuntime.signals.unhandled_keyboard_interrupt);
  return JSVAL_NONE;
}
