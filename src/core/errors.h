/* The only place where an exception changes side. Three outcomes at each gate, never a
 * fourth: a value, an error, or a fatal error that poisons the runtime. */
#ifndef ERRORS_H
#define ERRORS_H

#include <Python.h>

#include "slot.h"

extern PyObject *ConversionError;
extern PyObject *InternalError;

/** Make the module's exception classes. Returns 0, or -1 with an error set. */
int errors_init(PyObject *module) __attribute__((warn_unused_result));

/** Take Python's current exception and make it the result of an export: `out` becomes ERR
 *  and the returned externref is the JavaScript value to throw. Sets sys.last_exc. */
JsVal errors_to_js(Slot *out);

/** The JavaScript value to throw for an exception, which stays the caller's. Never fails. */
JsVal errors_value(PyObject *exc);
/** As errors_value, but when the error comes back the exception is not restored. */
JsVal errors_copy(PyObject *exc);

/** Set the Python exception for an ERR slot that JavaScript returned with `thrown`: the
 *  original exception when it is one of Python's that comes back, else a JsException. */
void errors_from_js(const Slot *err, JsVal thrown);

/** Stop the runtime: something happened that cannot be an error of the program. */
_Noreturn void errors_fatal(const char *message);

#endif
