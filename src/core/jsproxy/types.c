/* Types of JsProxies: capability bits -> one cached heap type each. A new capability is a row
 * in one of the protocol files, not a change here. */
#include "jsproxy.h"

#include "../docs.gen.h"
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
  jsproxy_base_rows,    jsproxy_call_rows,    jsproxy_sequence_rows, jsproxy_array_rows,
  jsproxy_mapping_rows, jsproxy_iterate_rows, jsproxy_await_rows,    jsproxy_error_rows,
  jsproxy_view_rows,    jsproxy_buffer_rows,  jsproxy_dispose_rows,
};

#define ROOMS (sizeof rooms / sizeof *rooms)
#define MAX_SLOTS 64
#define MAX_METHODS 96
#define MAX_GETSET 16

static int
applies(const JsProxyRow *row, uint32_t flags)
{
  return (flags & row->all) == row->all && (row->any == 0 || (flags & row->any)) &&
         (flags & row->none) == 0;
}

/* What a type is made of. The methods and getset lists live as long as the type: forever. */
typedef struct {
  PyType_Slot slots[MAX_SLOTS];
  PyMethodDef *methods;
  PyGetSetDef *getset;
  size_t slot_count;
  size_t method_count;
  size_t getset_count;
} Parts;

static void
add_slots(Parts *parts, const PyType_Slot *slot)
{
  for (; slot != NULL && slot->slot != 0; slot++) {
    size_t at = 0;
    while (at < parts->slot_count && parts->slots[at].slot != slot->slot) {
      at++;
    }
    parts->slots[at] = *slot;
    parts->slot_count += at == parts->slot_count;
  }
}

static void
add_row(Parts *parts, const JsProxyRow *row)
{
  add_slots(parts, row->slots);
  for (PyMethodDef *method = row->methods; method != NULL && method->ml_name; method++) {
    parts->methods[parts->method_count++] = *method;
  }
  for (PyGetSetDef *getset = row->getset; getset != NULL && getset->name; getset++) {
    parts->getset[parts->getset_count++] = *getset;
  }
  if (parts->slot_count + 3 > MAX_SLOTS || parts->method_count + 1 > MAX_METHODS ||
      parts->getset_count + 1 > MAX_GETSET) {
    errors_fatal("jsproxy/types.c: too many slots, methods or attributes for one type");
  }
}

/* Gather what all rows that apply add. Returns 0, or -1 with an error set. */
static int
gather(uint32_t flags, Parts *parts)
{
  *parts = (Parts){
    .methods = PyMem_Calloc(MAX_METHODS, sizeof(PyMethodDef)),
    .getset = PyMem_Calloc(MAX_GETSET, sizeof(PyGetSetDef)),
  };
  if (parts->methods == NULL || parts->getset == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  for (size_t room = 0; room < ROOMS; room++) {
    for (const JsProxyRow *row = rooms[room]; row->slots || row->methods || row->getset; row++) {
      if (applies(row, flags)) {
        add_row(parts, row);
      }
    }
  }
  parts->slots[parts->slot_count++] = (PyType_Slot){ Py_tp_methods, parts->methods };
  parts->slots[parts->slot_count++] = (PyType_Slot){ Py_tp_getset, parts->getset };
  parts->slots[parts->slot_count] = (PyType_Slot){ 0, NULL };
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

/* `class A(JsProxy)` would make a type whose instances have no JavaScript object. */
static PyObject *
refuse_subclass(PyTypeObject *Py_UNUSED(meta), PyObject *Py_UNUSED(args),
                PyObject *Py_UNUSED(kwargs))
{
  PyErr_SetString(PyExc_TypeError, "the types of JavaScript objects cannot be subclassed");
  return NULL;
}

/* The flags of a type that has some. 1 found, 0 it has none, -1 error. */
static int
flags_of_type(PyObject *type, uint32_t *flags)
{
  PyObject *bits;
  int found = PyObject_GetOptionalAttrString(type, "_js_type_flags", &bits);
  if (found > 0) {
    found = PyLong_Check(bits);
    *flags = found ? (uint32_t)PyLong_AsUnsignedLong(bits) : 0;
  }
  Py_XDECREF(bits);
  return found;
}

/* Whether what has the capabilities of `type` has those of `cls` too. The classes of pyodide.ffi
 * name alternatives. Returns -1 with an error set. */
static int
includes(PyObject *cls, PyObject *type)
{
  uint32_t wanted;
  uint32_t flags;
  int found = flags_of_type(cls, &wanted);
  if (found <= 0) {
    return found;
  }
  found = flags_of_type(type, &flags);
  if (found != 0) {
    return found < 0 ? -1 : (flags & wanted) == wanted;
  }
  PyObject *masks;
  int included = 0;
  if (PyObject_GetOptionalAttrString(type, "_js_masks", &masks) < 0) {
    return -1;
  }
  for (Py_ssize_t i = 0; masks && PyTuple_Check(masks) && i < PyTuple_GET_SIZE(masks); i++) {
    flags = (uint32_t)PyLong_AsUnsignedLongMask(PyTuple_GET_ITEM(masks, i));
    included |= (flags & wanted) == wanted;
  }
  Py_XDECREF(masks);
  return PyErr_Occurred() ? -1 : included;
}

static PyObject *
subclass_check(PyObject *cls, PyObject *type)
{
  if (!PyType_Check(type)) {
    PyErr_SetString(PyExc_TypeError, "issubclass() arg 1 must be a class");
    return NULL;
  }
  int is = PyType_IsSubtype((PyTypeObject *)type, (PyTypeObject *)cls) ? 1 : includes(cls, type);
  return is < 0 ? NULL : PyBool_FromLong(is);
}

static PyObject *
instance_check(PyObject *cls, PyObject *instance)
{
  return subclass_check(cls, (PyObject *)Py_TYPE(instance));
}

static PyMethodDef meta_methods[] = {
  { "__instancecheck__", instance_check, METH_O, NULL },
  { "__subclasscheck__", subclass_check, METH_O, NULL },
  { 0 },
};

/* PyType_FromMetaclass itself refuses metaclasses that have a tp_new of their own. */
PyObject *
jsproxy_subtype_new(PyType_Spec *spec, PyObject *bases)
{
  JsProxyMeta_Type->tp_new = PyType_Type.tp_new;
  PyObject *type = PyType_FromMetaclass(JsProxyMeta_Type, NULL, spec, bases);
  JsProxyMeta_Type->tp_new = refuse_subclass;
  return type;
}

/* What matches mapping patterns. */
#define MAPPINGS (JSF_HAS_GET | JSF_IS_OBJECT_MAP | JSF_IS_PY_JSON_DICT)

static PyTypeObject *
make_type(uint32_t flags)
{
  Parts parts;
  if (gather(flags, &parts) < 0) {
    PyMem_Free(parts.methods);
    PyMem_Free(parts.getset);
    return NULL;
  }
  int is_error = (flags & JSF_IS_ERROR) != 0;
  PyType_Spec spec = {
    .name = is_error ? "pyodide.ffi.JsException" : "pyodide.ffi.JsProxy",
    .basicsize = is_error ? sizeof(JsErrorObject) : sizeof(JsProxyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             (flags & JSF_IS_CALLABLE ? Py_TPFLAGS_HAVE_VECTORCALL : 0) |
             (flags & JSPROXY_SEQUENCES ? Py_TPFLAGS_SEQUENCE
              : flags & MAPPINGS        ? Py_TPFLAGS_MAPPING
                                        : 0),
    .slots = parts.slots,
  };
  PyObject *bases = jsproxy_bases_new(flags);
  PyObject *type = bases ? jsproxy_subtype_new(&spec, bases) : NULL;
  Py_XDECREF(bases);
  if (type == NULL || set_flags(type, flags) < 0) {
    Py_XDECREF(type);
    PyMem_Free(parts.methods);
    PyMem_Free(parts.getset);
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
  static PyType_Slot meta_slots[] = { { Py_tp_methods, meta_methods }, { 0, NULL } };
  static PyType_Spec meta_spec = {
    .name = "_pyodide_core.JsProxyMeta",
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = meta_slots,
  };
  static PyType_Slot root_slots[] = {
    { Py_tp_doc, DOC_JsProxy },
    { 0, NULL },
  };
  static PyType_Spec root_spec = {
    .name = "pyodide.ffi.JsProxy",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = root_slots,
  };
  static PyType_Slot error_slots[] = {
    { Py_tp_doc, DOC_JsException },
    { Py_tp_new, jsproxy_error_new },
    { 0, NULL },
  };
  static PyType_Spec error_spec = {
    .name = "pyodide.ffi.JsException",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = error_slots,
  };
  typedict = PyDict_New();
  JsProxyMeta_Type = (PyTypeObject *)PyType_FromSpecWithBases(&meta_spec, (PyObject *)&PyType_Type);
  if (typedict == NULL || JsProxyMeta_Type == NULL) {
    return -1;
  }
  JsProxy_Type = (PyTypeObject *)jsproxy_subtype_new(&root_spec, NULL);
  if (JsProxy_Type == NULL || set_flags((PyObject *)JsProxy_Type, 0) < 0) {
    return -1;
  }
  PyObject *bases = PyTuple_Pack(2, JsProxy_Type, PyExc_Exception);
  if (bases == NULL) {
    return -1;
  }
  JsException_Type = (PyTypeObject *)jsproxy_subtype_new(&error_spec, bases);
  Py_DECREF(bases);
  if (JsException_Type == NULL || set_flags((PyObject *)JsException_Type, JSF_IS_ERROR) < 0 ||
      jsproxy_abstract_init() < 0 || add_constants(module) < 0 ||
      PyModule_AddObjectRef(module, "JsProxy", (PyObject *)JsProxy_Type) < 0) {
    return -1;
  }
  return PyModule_AddObjectRef(module, "JsException", (PyObject *)JsException_Type);
}
