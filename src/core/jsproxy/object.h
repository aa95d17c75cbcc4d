/* The instance layout of JsProxy, for the files that look inside one. */
#ifndef JSPROXY_OBJECT_H
#define JSPROXY_OBJECT_H

#include <Python.h>

#include "../handles.h"

/** What every JsProxy has. Errors are exceptions too, hence the two layouts below. */
typedef struct {
  /* Owned. The JavaScript value. Null only while the object is being made. */
  JsRef ref;
  /* Owned or null. `this` of a function that was read from an object. */
  JsRef this_ref;
  /* Owned or NULL. `this` of a function that is an attribute of the class of this object, of which
   * each call makes a proxy. */
  PyObject *receiver;
  vectorcallfunc vectorcall;
  PyObject *weakrefs;
} JsProxyFields;

typedef struct {
  PyObject_HEAD JsProxyFields fields;
  PyObject *dict;
} JsProxyObject;

typedef struct {
  PyBaseExceptionObject base;
  JsProxyFields fields;
  /* JavaScript has thrown the error; a program of Python may also make or read one and raise it. */
  uint8_t thrown;
} JsErrorObject;

/** The root of all JsProxy types; abstract, and without fields of its own. */
extern PyTypeObject *JsProxy_Type;
/** The metaclass of all JsProxy types. */
extern PyTypeObject *JsProxyMeta_Type;
/** Root of the types of JavaScript errors: a subclass of JsProxy_Type and Exception. */
extern PyTypeObject *JsException_Type;

static inline int
JsProxy_Check(PyObject *obj)
{
  return Py_TYPE(Py_TYPE(obj)) == JsProxyMeta_Type;
}

static inline JsProxyFields *
JsProxy_fields(PyObject *obj)
{
  return PyExceptionInstance_Check(obj) ? &((JsErrorObject *)obj)->fields
                                        : &((JsProxyObject *)obj)->fields;
}

static inline JsVal
JsProxy_value(PyObject *obj)
{
  return handles_get(JsProxy_fields(obj)->ref);
}

/** The JSF flags that the object's type was made from. */
uint32_t JsProxy_flags(PyObject *obj);
/** Number of JsProxies alive. */
uint32_t jsproxy_live(void);

/** A future of Python's event loop for the promise that a call has returned. New reference, or
 *  NULL. */
PyObject *jsproxy_future_of_call_new(PyObject *promise) __attribute__((warn_unused_result));

/** A JsProxy of `value`, whose JSF flags are `flags`. New reference, or NULL with an error. */
PyObject *jsproxy_new(JsVal value, uint32_t flags) __attribute__((warn_unused_result));
/** As jsproxy_new for a function that is called with `this_value` as `this`. */
PyObject *jsproxy_new_bound(JsVal value, JsVal this_value, uint32_t flags)
  __attribute__((warn_unused_result));
/** As jsproxy_new for a function of which each call gets a proxy of `receiver` as `this`, lent
 *  like an argument. */
PyObject *jsproxy_new_method(JsVal value, PyObject *receiver, uint32_t flags)
  __attribute__((warn_unused_result));

#endif
