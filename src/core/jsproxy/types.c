/* Types of JsProxies: capability bits -> one cached heap type each. A new capability is a row
 * in one of the protocol files, not a change here. */
#include "jsproxy.h"

#include "../errors.h"

PyTypeObject *JsProxy_Type;
PyTypeObject *JsProxyMeta_Type;
PyTypeObject *JsException_Type;

/* Types by flags: open addressing; the hot path of every new JsProxy. */
#define TABLE_SIZE 1024
static struct {
  uint32_t flags;
  PyTypeObject *type;
} table[TABLE_SIZE];
static uint32_t type_count;

/* `_pyodide_core.jsproxy_typedict`: the same for Python. */
static PyObject *typedict;

static const JsProxyRow *const rooms[] = {
  jsproxy_base_rows,    jsproxy_call_rows,    jsproxy_sequence_rows,
  jsproxy_mapping_rows, jsproxy_iterate_rows, jsproxy_await_rows,
};

#define ROOMS (sizeof rooms / sizeof *rooms)
#define MAX_SLOTS 64
#define MAX_METHODS 96

static int
applies(const JsProxyRow *row, uint32_t flags)
{
  return (flags & row->all) == row->all && (row->any == 0 || (flags & row->any)) &&
         (flags & row->none) == 0;
}

/* Gather the slots and methods of all rows that apply. Later rows override earlier ones. */
static int
gather(uint32_t flags, PyType_Slot *slots, PyMethodDef **methods_out)
{
  size_t slot_count = 0;
  size_t method_count = 0;
  PyMethodDef *methods = PyMem_Calloc(MAX_METHODS, sizeof *methods);
  if (methods == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  for (size_t room = 0; room < ROOMS; room++) {
    for (const JsProxyRow *row = rooms[room]; row->slots || row->methods; row++) {
      if (!applies(row, flags)) {
        continue;
      }
      for (const PyType_Slot *slot = row->slots; slot != NULL && slot->slot != 0; slot++) {
        size_t at = 0;
        while (at < slot_count && slots[at].slot != slot->slot) {
          at++;
        }
        slots[at] = *slot;
        slot_count += at == slot_count;
      }
      for (PyMethodDef *method = row->methods; method != NULL && method->ml_name; method++) {
        methods[method_count++] = *method;
      }
      if (slot_count + 2 > MAX_SLOTS || method_count + 1 > MAX_METHODS) {
        errors_fatal("jsproxy/types.c: too many slots or methods for one type");
      }
    }
  }
  slots[slot_count++] = (PyType_Slot){ Py_tp_methods, methods };
  slots[slot_count] = (PyType_Slot){ 0, NULL };
  *methods_out = methods;
  return 0;
}

/* Record the flags in the type's dict and the type in typedict. */
static int
set_flags(PyObject *type, uint32_t flags)
{
  PyObject *bits = PyLong_FromUnsignedLong(flags);
  int status = -1;
  if (bits != NULL &&
      PyDict_SetItemString(((PyTypeObject *)type)->tp_dict, "_js_type_flags", bits) == 0) {
    PyType_Modified((PyTypeObject *)type);
    status = PyDict_SetItem(typedict, bits, type);
  }
  Py_XDECREF(bits);
  return status;
}

static PyTypeObject *
make_type(uint32_t flags)
{
  PyType_Slot slots[MAX_SLOTS];
  PyMethodDef *methods;
  if (gather(flags, slots, &methods) < 0) {
    return NULL;
  }
  int is_error = (flags & JSF_IS_ERROR) != 0;
  PyType_Spec spec = {
    .name = is_error ? "pyodide.ffi.JsException" : "pyodide.ffi.JsProxy",
    .basicsize = is_error ? sizeof(JsErrorObject) : sizeof(JsProxyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             (flags & JSF_IS_CALLABLE ? Py_TPFLAGS_HAVE_VECTORCALL : 0) |
             (flags & (JSF_IS_ARRAY | JSF_IS_TYPEDARRAY | JSF_IS_NODE_LIST) ? Py_TPFLAGS_SEQUENCE
              : flags & JSF_HAS_GET                                         ? Py_TPFLAGS_MAPPING
                                                                            : 0),
    .slots = slots,
  };
  PyObject *base = (PyObject *)(is_error ? JsException_Type : JsProxy_Type);
  PyObject *type = PyType_FromMetaclass(JsProxyMeta_Type, NULL, &spec, base);
  if (type == NULL || set_flags(type, flags) < 0) {
    Py_XDECREF(type);
    PyMem_Free(methods);
    return NULL;
  }
  return (PyTypeObject *)type;
}

PyTypeObject *
jsproxy_type_borrow(uint32_t flags)
{
  uint32_t i = (flags * 2654435761u) >> 22;
  while (table[i].type != NULL) {
    if (table[i].flags == flags) {
      return table[i].type;
    }
    i = (i + 1) % TABLE_SIZE;
  }
  PyTypeObject *type = make_type(flags);
  if (type != NULL && type_count < TABLE_SIZE - 1) {
    table[i].flags = flags;
    table[i].type = type;
    type_count++;
  }
  return type;
}

uint32_t
JsProxy_flags(PyObject *obj)
{
  static PyObject *name;
  if (name == NULL) {
    name = PyUnicode_InternFromString("_js_type_flags");
  }
  PyObject *bits = name ? _PyType_Lookup(Py_TYPE(obj), name) : NULL;
  return bits ? (uint32_t)PyLong_AsUnsignedLong(bits) : 0;
}

static int
add_constants(PyObject *module)
{
  PyObject *flags = PyDict_New();
  if (flags == NULL) {
    return -1;
  }
#define ADD_FLAG(name, bit)                                                                        \
  do {                                                                                             \
    PyObject *value = PyLong_FromLong(bit);                                                        \
    if (value == NULL || PyDict_SetItemString(flags, #name, value) < 0) {                          \
      Py_XDECREF(value);                                                                           \
      Py_DECREF(flags);                                                                            \
      return -1;                                                                                   \
    }                                                                                              \
    Py_DECREF(value);                                                                              \
  } while (0);
  ABI_JS_FLAG_ROWS(ADD_FLAG)
#undef ADD_FLAG
  if (PyModule_Add(module, "js_flags", flags) < 0) {
    return -1;
  }
  return PyModule_AddObjectRef(module, "jsproxy_typedict", typedict);
}

int
jsproxy_types_init(PyObject *module)
{
  static PyType_Slot meta_slots[] = { { 0, NULL } };
  static PyType_Spec meta_spec = {
    .name = "_pyodide_core.JsProxyMeta",
    /* A subclass made by a class statement would have no JavaScript object. */
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = meta_slots,
  };
  static PyType_Slot root_slots[] = {
    { Py_tp_doc, "The root of the types of JavaScript objects seen from Python." },
    { 0, NULL },
  };
  static PyType_Spec root_spec = {
    .name = "pyodide.ffi.JsProxy",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = root_slots,
  };
  static PyType_Spec error_spec = {
    .name = "pyodide.ffi.JsException",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = root_slots,
  };
  typedict = PyDict_New();
  JsProxyMeta_Type =
    (PyTypeObject *)PyType_FromSpecWithBases(&meta_spec, (PyObject *)&PyType_Type);
  if (typedict == NULL || JsProxyMeta_Type == NULL) {
    return -1;
  }
  JsProxy_Type = (PyTypeObject *)PyType_FromMetaclass(JsProxyMeta_Type, NULL, &root_spec, NULL);
  if (JsProxy_Type == NULL || set_flags((PyObject *)JsProxy_Type, 0) < 0) {
    return -1;
  }
  PyObject *bases = PyTuple_Pack(2, JsProxy_Type, PyExc_Exception);
  if (bases == NULL) {
    return -1;
  }
  JsException_Type =
    (PyTypeObject *)PyType_FromMetaclass(JsProxyMeta_Type, NULL, &error_spec, bases);
  Py_DECREF(bases);
  if (JsException_Type == NULL ||
      set_flags((PyObject *)JsException_Type, JSF_IS_ERROR) < 0 || add_constants(module) < 0 ||
      PyModule_AddObjectRef(module, "JsProxy", (PyObject *)JsProxy_Type) < 0) {
    return -1;
  }
  return PyModule_AddObjectRef(module, "JsException", (PyObject *)JsException_Type);
}
