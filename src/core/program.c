/* What a program, rather than a library, asks of the interpreter: to do what its command line says
 * and to end. */
#define Py_BUILD_CORE 1
#include <Python.h>

#include <emscripten/stack.h>
#include <internal/pycore_runtime.h>
#include <stdio.h>
#include <stdlib.h>

#include "pyproxy.h"
#include "switch.h"

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

JsVal
pyx_run_main(PYX_PARAMS)
{
  slot_set_int(out, run());
  return JSVAL_NONE;
}

JsVal
pyx_run_main_promising(PYX_PARAMS)
{
  run_promising((char *)emscripten_stack_get_current(), r0);
  return JSVAL_NONE;
}

/* Called when the runtime has ended; CPython has left this for the code that ends the process. */
JsVal
pyx_unhandled_interrupt(PYX_PARAMS)
{
  slot_set_int(out, _PyRuntime.signals.unhandled_keyboard_interrupt);
  return JSVAL_NONE;
}
