/* Switching stacks (JSPI): Python that waits for a promise while JavaScript goes on. */
#ifndef SWITCH_H
#define SWITCH_H

#include <Python.h>

/** Put C's stack elsewhere. Of compiler-rt; emscripten declares only the other half of it. */
extern void _emscripten_stack_restore(void *address);

/** A promising call that has not ended. */
typedef struct SwitchStack SwitchStack;

/** Begin a promising call: from here on Python runs as if on a thread of its own. `base` is where
 *  C's stack is in the export that JavaScript has called. NULL, with an error set, when there is no
 *  memory, and without one when Python may not be entered. */
SwitchStack *switch_begin(char *base);
/** End it. Returns where C's stack is to be when the export returns: elsewhere than where it
 *  began, when the call has waited. */
char *switch_end(SwitchStack *stack);

/** Above 0 the stack is not switched: the frame region of linear memory is being read, which
 *  other calls overwrite. */
extern int switch_forbidden;

/** `can_run_sync` and `run_sync` of pyodide.ffi, for the method table of module.c. */
PyObject *switch_can_run_sync(PyObject *self, PyObject *ignored);
PyObject *switch_run_sync(PyObject *self, PyObject *awaitable);
/** What run_sync's half in Python (_pyodide/_switch.py) needs: `suspend` and `new_signal`. */
extern PyMethodDef switch_functions[];

#endif
