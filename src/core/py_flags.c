/* What a Python object can do, as PYF bits: which members its PyProxy gets.
 *
 * The bits depend on the type alone, but for classes and for generators made by
 * types.coroutine. They are cached by the type's address and version tag, which CPython renews
 * when anything about a type changes and never gives to another type.
 *
 * No Python code runs in here, because flags are asked for while a container is being written
 * to a tape. Hence collections.abc is consulted through its registries and not by issubclass. */
#include "py_to_js.h"

#define TABLE_SIZE 512u

typedef struct {
  PyTypeObject *type;
  unsigned int version;
  uint32_t flags;
  /* Registering a class with an abstract one changes this bit and not the version. */
  unsigned long sequence_bit;
} CachedFlags;

static CachedFlags table[TABLE_SIZE];

/** The attribute as the type's slots see it: None means that the protocol is switched off. */
static int
type_has(PyTypeObject *type, const char *name)
{
  PyObject *key = PyUnicode_InternFromString(name);
  if (key == NULL) {
    PyErr_Clear();
    return 0;
  }
  PyObject *found = _PyType_Lookup(type, key);
  Py_DECREF(key);
  return found != NULL && found != Py_None;
}

static int
type_has_all(PyTypeObject *type, const char *const *names)
{
  for (; *names != NULL; names++) {
    if (!type_has(type, *names)) {
      return 0;
    }
  }
  return 1;
}

/** The set of weak references to classes registered with `abc`. New reference or NULL. */
static PyObject *
registry_new(PyObject *abc)
{
  PyObject *module_name = PyUnicode_FromString("_abc");
  PyObject *module = module_name ? PyImport_GetModule(module_name) : NULL;
  Py_XDECREF(module_name);
  PyObject *dump = module ? PyObject_CallMethod(module, "_get_dump", "O", abc) : NULL;
  Py_XDECREF(module);
  PyObject *registry = NULL;
  if (dump != NULL && PyTuple_Check(dump) && PyTuple_GET_SIZE(dump) > 0) {
    registry = Py_NewRef(PyTuple_GET_ITEM(dump, 0));
  }
  Py_XDECREF(dump);
  return registry;
}

static int
is_registered(PyTypeObject *type, PyObject *abc)
{
  PyObject *registry = registry_new(abc);
  PyObject *iterator = registry ? PyObject_GetIter(registry) : NULL;
  int result = 0;
  PyObject *weak;
  while (!result && iterator != NULL && (weak = PyIter_Next(iterator)) != NULL) {
    PyObject *known = NULL;
    if (PyWeakref_GetRef(weak, &known) > 0) {
      result = PyType_Check(known) && PyType_IsSubtype(type, (PyTypeObject *)known);
      Py_DECREF(known);
    }
    Py_DECREF(weak);
  }
  Py_XDECREF(iterator);
  Py_XDECREF(registry);
  PyErr_Clear();
  return result;
}

/** True when `type` derives from collections.abc's class `name` or is registered with it.
 *  Clears *certain when collections.abc has not been imported. */
static int
is_collection(PyTypeObject *type, const char *name, int *certain)
{
  static const char *const modules[] = { "collections.abc", "_collections_abc", NULL };
  PyObject *abc = NULL;
  for (const char *const *module = modules; *module != NULL && abc == NULL; module++) {
    PyObject *module_name = PyUnicode_FromString(*module);
    PyObject *found = module_name ? PyImport_GetModule(module_name) : NULL;
    Py_XDECREF(module_name);
    /* Only a real module is looked into: anything else could run Python code. */
    if (found != NULL && PyModule_CheckExact(found)) {
      abc = Py_XNewRef(PyDict_GetItemString(PyModule_GetDict(found), name));
    }
    Py_XDECREF(found);
  }
  PyErr_Clear();
  if (abc == NULL || !PyType_Check(abc)) {
    Py_XDECREF(abc);
    *certain = 0;
    return 0;
  }
  int result = PyType_IsSubtype(type, (PyTypeObject *)abc) || is_registered(type, abc);
  Py_DECREF(abc);
  return result;
}

static uint32_t
container_flags(PyTypeObject *type)
{
  PySequenceMethods *sequence = type->tp_as_sequence;
  PyMappingMethods *mapping = type->tp_as_mapping;
  uint32_t flags = 0;
  if ((sequence && sequence->sq_length) || (mapping && mapping->mp_length)) {
    flags |= PYF_HAS_LENGTH;
  }
  if ((sequence && sequence->sq_item) || (mapping && mapping->mp_subscript)) {
    flags |= PYF_HAS_GET;
  }
  if ((sequence && sequence->sq_ass_item) || (mapping && mapping->mp_ass_subscript)) {
    flags |= PYF_HAS_SET;
  }
  if (sequence && sequence->sq_contains) {
    flags |= PYF_HAS_CONTAINS;
  }
  if (type->tp_iter || (sequence && sequence->sq_item && !PyType_IsSubtype(type, &PyDict_Type))) {
    flags |= PYF_IS_ITERABLE;
  }
  return flags;
}

static uint32_t
protocol_flags(PyObject *obj)
{
  uint32_t flags = 0;
  PyTypeObject *type = Py_TYPE(obj);
  PyAsyncMethods *async = type->tp_as_async;
  if (PyIter_Check(obj)) {
    flags |= PYF_IS_ITERATOR;
  }
  if (async && async->am_await) {
    flags |= PYF_IS_AWAITABLE;
  }
  if (async && async->am_anext) {
    flags |= PYF_IS_ASYNC_ITERATOR;
  } else if (async && async->am_aiter) {
    flags |= PYF_IS_ASYNC_ITERABLE;
  }
  if (type->tp_as_buffer && type->tp_as_buffer->bf_getbuffer) {
    flags |= PYF_IS_BUFFER;
  }
  if (type->tp_call) {
    flags |= PYF_IS_CALLABLE;
  }
  return flags;
}

/** Generators are recognised by their methods, as collections.abc does. */
static uint32_t
generator_flags(PyTypeObject *type, uint32_t flags)
{
  static const char *const sync[] = { "__iter__", "__next__", "send", "throw", "close", NULL };
  static const char *const async[] = {
    "__aiter__", "__anext__", "asend", "athrow", "aclose", NULL
  };
  uint32_t result = 0;
  if ((flags & PYF_IS_ITERATOR) && type_has_all(type, sync)) {
    result |= PYF_IS_GENERATOR;
  }
  if ((flags & PYF_IS_ASYNC_ITERATOR) && type_has_all(type, async)) {
    result |= PYF_IS_ASYNC_GENERATOR;
  }
  return result;
}

static uint32_t
sequence_flags(PyTypeObject *type, int *certain)
{
  if (PyType_FastSubclass(type, Py_TPFLAGS_DICT_SUBCLASS)) {
    return 0;
  }
  int mutable_sequence = PyType_FastSubclass(type, Py_TPFLAGS_LIST_SUBCLASS) ||
                         PyType_IsSubtype(type, &PyByteArray_Type) ||
                         is_collection(type, "MutableSequence", certain);
  if (mutable_sequence) {
    return PYF_IS_SEQUENCE | PYF_IS_MUTABLE_SEQUENCE;
  }
  if (PyType_HasFeature(type, Py_TPFLAGS_SEQUENCE) ||
      PyType_FastSubclass(type, Py_TPFLAGS_BYTES_SUBCLASS) ||
      is_collection(type, "Sequence", certain)) {
    return PYF_IS_SEQUENCE;
  }
  return 0;
}

static uint32_t
compute(PyObject *obj, int *certain)
{
  PyTypeObject *type = Py_TYPE(obj);
  const uint32_t sequence_needs = PYF_HAS_LENGTH | PYF_HAS_GET | PYF_HAS_CONTAINS | PYF_IS_ITERABLE;
  uint32_t flags = container_flags(type) | protocol_flags(obj);
  if ((flags & sequence_needs) == sequence_needs) {
    flags |= sequence_flags(type, certain);
  }
  if (flags & PYF_IS_ITERATOR) {
    flags &= ~(uint32_t)PYF_IS_ITERABLE;
  }
  flags |= generator_flags(type, flags);
  if (type == &PyDict_Type) {
    flags |= PYF_IS_DICT;
  }
  if (type == &PyMethod_Type || type == &PyCFunction_Type || type == &PyCMethod_Type) {
    flags |= PYF_IS_BOUND_METHOD;
  }
  return flags;
}

/* JavaScript reads the two words itself. A built-in method has its definition for a function. */
_Static_assert(offsetof(PyMethodObject, im_func) == ABI_BOUND_METHOD_OFFSET &&
                 offsetof(PyMethodObject, im_self) == ABI_BOUND_METHOD_OFFSET + 4 &&
                 offsetof(PyCFunctionObject, m_ml) == ABI_BOUND_METHOD_OFFSET &&
                 offsetof(PyCFunctionObject, m_self) == ABI_BOUND_METHOD_OFFSET + 4,
               "abi.toml is wrong about bound_method_offset");

static uint32_t
flags_by_type(PyObject *obj)
{
  PyTypeObject *type = Py_TYPE(obj);
  unsigned long sequence_bit = type->tp_flags & Py_TPFLAGS_SEQUENCE;
  unsigned int version = type->tp_version_tag;
  CachedFlags *entry = &table[((uintptr_t)type >> 4) % TABLE_SIZE];
  if (version != 0 && entry->type == type && entry->version == version &&
      entry->sequence_bit == sequence_bit) {
    return entry->flags;
  }
  int certain = 1;
  uint32_t flags = compute(obj, &certain);
  if (certain && PyUnstable_Type_AssignVersionTag(type)) {
    *entry = (CachedFlags){ type, type->tp_version_tag, flags, sequence_bit };
  }
  return flags;
}

uint32_t
py_flags_of(PyObject *obj)
{
  uint32_t flags = flags_by_type(obj);
  if (PyType_Check(obj)) {
    if (!(flags & PYF_HAS_GET) && type_has((PyTypeObject *)obj, "__class_getitem__")) {
      flags |= PYF_HAS_GET;
    }
  } else if (PyGen_CheckExact(obj)) {
    PyCodeObject *code = PyGen_GetCode((PyGenObject *)obj);
    if (code->co_flags & CO_ITERABLE_COROUTINE) {
      flags |= PYF_IS_AWAITABLE;
    }
    Py_DECREF(code);
  }
  return flags;
}
