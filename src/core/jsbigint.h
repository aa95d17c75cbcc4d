/* JsBigInt: the ints that are BigInts in JavaScript, however small they are. */
#ifndef JSBIGINT_H
#define JSBIGINT_H

#include <Python.h>

/** Make the type and add it to the module. Returns 0, or -1 with an error set. */
int jsbigint_init(PyObject *module);
/** True for instances of JsBigInt and its subclasses; `obj` is an int. */
int jsbigint_check(PyObject *obj);
/** The JsBigInt of an int, whose reference is taken over, also on failure; NULL is passed on.
 *  New reference. */
PyObject *jsbigint_new(PyObject *take_number) __attribute__((warn_unused_result));

#endif
