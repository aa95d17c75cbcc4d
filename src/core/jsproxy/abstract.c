/* Bases of the types of containers, which collections.abc knows: a JsProxy of an Array is a
 * MutableSequence because its type inherits from the base that is registered as one. */
#include "jsproxy.h"

typedef struct {
  const char *abc;
  PyTypeObject *type;
} Base;

enum { SEQUENCE, MUTABLE_SEQUENCE, MAPPING, MUTABLE_MAPPING };

static Base bases[] = {
  [SEQUENCE] = { "Sequence", NULL },
  [MUTABLE_SEQUENCE] = { "MutableSequence", NULL },
  [MAPPING] = { "Mapping", NULL },
  [MUTABLE_MAPPING] = { "MutableMapping", NULL },
};

#define MAP (JSF_HAS_GET | JSF_HAS_LENGTH | JSF_IS_ITERABLE)
/* No object has this capability: whoever compares flags never takes a base for a superset. */
#define NEVER (1u << 31)

/* The base of types with these flags, or NULL. */
static PyTypeObject *
base_of(uint32_t flags)
{
  if (flags & (JSF_IS_ARRAY | JSF_IS_TYPEDARRAY)) {
    return bases[MUTABLE_SEQUENCE].type;
  }
  if (flags & JSF_IS_NODE_LIST) {
    return bases[SEQUENCE].type;
  }
  if (flags & (JSF_IS_OBJECT_MAP | JSF_IS_PY_JSON_DICT)) {
    return bases[MUTABLE_MAPPING].type;
  }
  if ((flags & MAP) == MAP) {
    return bases[flags & JSF_HAS_SET ? MUTABLE_MAPPING : MAPPING].type;
  }
  return NULL;
}

PyObject *
jsproxy_bases_new(uint32_t flags)
{
  PyTypeObject *root = flags & JSF_IS_ERROR ? JsException_Type : JsProxy_Type;
  PyTypeObject *base = base_of(flags);
  if (base == NULL) {
    return PyTuple_Pack(1, root);
  }
  return flags & JSF_IS_ERROR ? PyTuple_Pack(2, root, base) : PyTuple_Pack(1, base);
}

static int
make_base(Base *base, PyObject *module)
{
  static PyType_Slot slots[] = { { 0, NULL } };
  static PyType_Spec spec = {
    .name = "pyodide.ffi.JsProxy",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
  };
  base->type = (PyTypeObject *)jsproxy_subtype_new(&spec, (PyObject *)JsProxy_Type);
  PyObject *flags = base->type ? PyLong_FromUnsignedLong(NEVER) : NULL;
  if (flags == NULL || PyDict_SetItemString(base->type->tp_dict, "_js_type_flags", flags) < 0) {
    Py_XDECREF(flags);
    return -1;
  }
  Py_DECREF(flags);
  PyType_Modified(base->type);
  PyObject *abc = PyObject_GetAttrString(module, base->abc);
  PyObject *done = abc ? PyObject_CallMethod(abc, "register", "O", base->type) : NULL;
  Py_XDECREF(abc);
  Py_XDECREF(done);
  return done ? 0 : -1;
}

int
jsproxy_abstract_init(void)
{
  PyObject *module = PyImport_ImportModule("_collections_abc");
  int status = module ? 0 : -1;
  for (size_t i = 0; i < sizeof bases / sizeof *bases && status == 0; i++) {
    status = make_base(&bases[i], module);
  }
  Py_XDECREF(module);
  return status;
}
