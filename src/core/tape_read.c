/* The reading half of tape.h: a tape that JavaScript wrote to lists, dicts and sets. The walk
 * keeps its own stack. It runs no Python code but the hashing of keys, which are immutable. */
/* For the table of small ints and the entries of dicts. */
#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_dict.h>
#include <internal/pycore_long.h>
#include <internal/pycore_runtime.h>

#include "tape.h"

#include <stdlib.h>
#include <wasm_simd128.h>

#include "errors.h"
#include "growing.h"
#include "js_to_py.h"
#include "switch.h"
#include "text.h"

typedef enum {
  /* What is complete. */
  VALUE,
  LIST,
  DICT,
  SET,
  /* A dict that has its keys. */
  SHAPED,
} Kind;

typedef struct {
  PyObject *container;
  Kind kind;
  uint32_t size;
  uint32_t next;
  /* A dict's key that waits for its value. */
  PyObject *key;
} Level;

_Alignas(16) char tape_frame_region[ABI_FRAME_REGION + 5 * ABI_TAPE_MAX_SHAPES];
/* Whether a shape of JavaScript's is known, for JavaScript to read. */
#define KNOWN_SHAPES (tape_frame_region + ABI_FRAME_REGION)
/* Dicts with the keys of a shape, in order, whose values are None. */
static PyObject *shapes[ABI_TAPE_MAX_SHAPES];

typedef struct {
  const uint8_t *at;
  Level *levels;
  uint32_t depth;
  uint32_t level_capacity;
  /* Borrowed: every container is held by the one it lies in. */
  PyObject **opened;
  uint32_t opened_count;
  uint32_t opened_capacity;
  int32_t lowest;
  /* Owned: the keys that KEYREF names. */
  PyObject *names[ABI_TAPE_MAX_KEYS];
  uint32_t name_count;
} Reader;

static int
remember(Reader *r, PyObject *container)
{
  if (GROWING_ROOM(r->opened, r->opened_count, r->opened_capacity) < 0) {
    PyErr_NoMemory();
    return -1;
  }
  r->opened[r->opened_count++] = container;
  return 0;
}

static PyObject *
number(double value)
{
  /* The rule of Number.isSafeInteger; also true of -0. */
  if (value >= -9007199254740991.0 && value <= 9007199254740991.0 &&
      value == (double)(long long)value) {
    return PyLong_FromLongLong((long long)value);
  }
  return PyFloat_FromDouble(value);
}

/* The ints that CPython keeps ready made. */
#define SMALL_INT(value) ((PyObject *)&_PyLong_SMALL_INTS[_PY_NSMALLNEGINTS + (value)])
#define IS_SMALL_INT(value) ((value) >= -_PY_NSMALLNEGINTS && (value) < _PY_NSMALLPOSINTS)

/* As many items as are ready made, by fours; what they are is worked out for four at once, which
 * takes a third of the time. Returns their number. */
__attribute__((target("simd128"))) static uint32_t
read_small_ints(const int32_t *ints, uint32_t count, PyObject **items)
{
  _Static_assert(sizeof(PyLongObject) == 16, "the table of small ints");
  const v128_t lowest = wasm_i32x4_splat(-_PY_NSMALLNEGINTS);
  const v128_t size = wasm_i32x4_splat(_PY_NSMALLNEGINTS + _PY_NSMALLPOSINTS);
  const v128_t table = wasm_i32x4_splat((int32_t)(uintptr_t)_PyLong_SMALL_INTS);
  uint32_t i = 0;
  for (; i + 4 <= count; i += 4) {
    v128_t index = wasm_i32x4_sub(wasm_v128_load(ints + i), lowest);
    if (!wasm_i32x4_all_true(wasm_u32x4_lt(index, size))) {
      break;
    }
    wasm_v128_store(items + i, wasm_i32x4_add(table, wasm_i32x4_shl(index, 4)));
  }
  return i;
}

/* An empty list that has room for its items, which PyList_New would fill with zeros. */
static PyObject *
list_new(uint32_t room)
{
  PyObject *list = PyList_New(0);
  if (list == NULL || room == 0) {
    return list;
  }
  PyListObject *self = (PyListObject *)list;
  self->ob_item = room > PY_SSIZE_T_MAX / sizeof(PyObject *) ? NULL : PyMem_New(PyObject *, room);
  if (self->ob_item == NULL) {
    Py_DECREF(list);
    return PyErr_NoMemory();
  }
  self->allocated = (Py_ssize_t)room;
  return list;
}

/* Put an item behind the others of a list that has room for it. Consumes the reference. */
static inline void
list_append(PyObject *list, PyObject *item)
{
  Py_ssize_t size = Py_SIZE(list);
  ((PyListObject *)list)->ob_item[size] = item;
  Py_SET_SIZE(list, size + 1);
}

/* A list of ints; those that exist already cost no call. */
static PyObject *
read_ints(const int32_t *ints, uint32_t count)
{
  PyObject *list = list_new(count);
  if (list == NULL) {
    return NULL;
  }
  PyObject **items = ((PyListObject *)list)->ob_item;
  uint32_t i = read_small_ints(ints, count, items);
  for (; i < count; i++) {
    /* Ready-made ints are immortal and need no reference. */
    items[i] = IS_SMALL_INT(ints[i]) ? SMALL_INT(ints[i]) : PyLong_FromLong(ints[i]);
    if (items[i] == NULL) {
      break;
    }
  }
  Py_SET_SIZE(list, i);
  if (i < count) {
    Py_CLEAR(list);
  }
  return list;
}

static PyObject *
read_numbers(const double *doubles, uint32_t count)
{
  PyObject *list = list_new(count);
  for (uint32_t i = 0; list != NULL && i < count; i++) {
    PyObject *item = number(doubles[i]);
    if (item == NULL) {
      Py_CLEAR(list);
      break;
    }
    list_append(list, item);
  }
  return list;
}

static PyObject *
read_run(Reader *r, const Slot *head)
{
  int floats = head->tag == TAG_RUN_F64;
  PyObject *list = floats ? read_numbers((const double *)r->at, head->len)
                          : read_ints((const int32_t *)r->at, head->len);
  uint32_t bytes = head->len * (floats ? 8 : 4);
  r->at += (bytes + sizeof(Slot) - 1) & ~(sizeof(Slot) - 1);
  return list;
}

static int
push_level(Reader *r, PyObject *container, Kind kind, uint32_t size)
{
  if (GROWING_ROOM(r->levels, r->depth, r->level_capacity) < 0) {
    PyErr_NoMemory();
    return -1;
  }
  r->levels[r->depth++] = (Level){ container, kind, size, 0, NULL };
  return 0;
}

static PyObject *
read_inline_string(Reader *r, const Slot *head)
{
  static const uint8_t widths[] = {
    [STR_LATIN1] = 1, [STR_UTF16] = 2, [STR_ASCII] = 1, [STR_UTF8] = 1
  };
  Slot copy = *head;
  copy.address = (void *)r->at;
  uint32_t bytes = head->len * widths[head->kind];
  r->at += (bytes + sizeof(Slot) - 1) & ~(sizeof(Slot) - 1);
  return text_from_slot_new(&copy);
}

/* True for a dict of `size` strs whose entries are in their order and without gaps. */
static int
is_plain(PyObject *dict, uint32_t size)
{
  PyDictObject *self = (PyDictObject *)dict;
  PyDictKeysObject *keys = self->ma_keys;
  return self->ma_values == NULL && keys->dk_kind == DICT_KEYS_UNICODE &&
         self->ma_used == (Py_ssize_t)size && keys->dk_nentries == (Py_ssize_t)size;
}

/* Read `count` keys. Returns the number read, which is less when an error is set; the references
 * are the caller's. */
static uint32_t
read_keys(Reader *r, uint32_t count, PyObject **keys)
{
  for (uint32_t i = 0; i < count; i++) {
    const Slot *slot = (const Slot *)r->at;
    r->at += sizeof(Slot);
    keys[i] = read_inline_string(r, slot);
    if (keys[i] == NULL) {
      return i;
    }
    /* Names of data are names in programs, which find an interned key quickest. */
    PyUnicode_InternInPlace(&keys[i]);
  }
  return count;
}

/* Read the keys of a shape and keep them. Returns 0, or -1 with an error set. */
static int
read_shape(Reader *r, const Slot *head)
{
  PyObject **keys = PyMem_Malloc(head->len * sizeof *keys);
  if (keys == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  PyObject *none = Py_None;
  uint32_t count = read_keys(r, head->len, keys);
  PyObject *dict = count == head->len ? _PyDict_FromItems(keys, 1, &none, 0, count) : NULL;
  while (count > 0) {
    Py_DECREF(keys[--count]);
  }
  PyMem_Free(keys);
  if (dict == NULL) {
    return -1;
  }
  if (!is_plain(dict, head->len)) {
    Py_DECREF(dict);
    PyErr_SetString(InternalError, "the keys of a shape are not distinct");
    return -1;
  }
  Py_XSETREF(shapes[head->code], dict);
  KNOWN_SHAPES[head->code] = 1;
  return 0;
}

/* A dict with the keys of a shape, whose values are still None: PyDict_Copy would count references
 * of values too. */
static PyObject *
shaped_new(PyObject *shape)
{
  PyDictKeysObject *own = ((PyDictObject *)shape)->ma_keys;
  size_t size = _PyDict_KeysSize(own);
  PyDictObject *dict = (PyDictObject *)PyDict_New();
  PyDictKeysObject *keys = dict ? PyMem_Malloc(size) : NULL;
  if (keys == NULL) {
    Py_XDECREF(dict);
    return PyErr_NoMemory();
  }
  memcpy(keys, own, size);
  PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
  for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) {
    Py_INCREF(entries[i].me_key);
  }
  dict->ma_keys = keys;
  dict->ma_used = keys->dk_nentries;
  return (PyObject *)dict;
}

static PyObject *
read_inline_bigint(Reader *r, const Slot *head)
{
  Slot copy = *head;
  copy.address = (void *)r->at;
  r->at += (head->len * 4 + sizeof(Slot) - 1) & ~(sizeof(Slot) - 1);
  return js_to_py_new(&copy, JSVAL_NONE);
}

/* A writable memoryview over a copy of the bytes. */
static PyObject *
read_buffer(Reader *r, const Slot *head)
{
  char format[2] = { (char)head->aux, 0 };
  PyObject *bytes = PyByteArray_FromStringAndSize((const char *)r->at, head->len);
  r->at += (head->len + sizeof(Slot) - 1) & ~(sizeof(Slot) - 1);
  PyObject *view = bytes ? PyMemoryView_FromObject(bytes) : NULL;
  Py_XDECREF(bytes);
  if (view == NULL || format[0] == 'B') {
    return view;
  }
  PyObject *typed = PyObject_CallMethod(view, "cast", "s", format);
  Py_DECREF(view);
  return typed;
}

/* The next value that is no container, new reference. */
static PyObject *
read_scalar(Reader *r, const Slot *head)
{
  switch (head->tag) {
    case TAG_INT:
      return IS_SMALL_INT(head->i32) ? SMALL_INT(head->i32) : PyLong_FromLong(head->i32);
    case TAG_STR: {
      PyObject *str = read_inline_string(r, head);
      if (str != NULL && head->aux && r->name_count < ABI_TAPE_MAX_KEYS) {
        r->names[r->name_count++] = Py_NewRef(str);
      }
      return str;
    }
    case TAG_KEYREF:
      return Py_NewRef(r->names[head->len]);
    case TAG_BACKREF:
      return Py_NewRef(r->opened[head->len]);
    case TAG_BIGINT:
      return read_inline_bigint(r, head);
    case TAG_REF:
      if (head->i32 - 4 < r->lowest) {
        r->lowest = head->i32 - 4;
      }
      return js_to_py_new((Slot *)head, jsx_take_ref(head->i32 - 4));
    default:
      return js_to_py_new((Slot *)head, JSVAL_NONE);
  }
}

/* The next value, new reference; of a container that is not complete *kind says how it is to be
 * filled and *size how many items it lacks. */
static PyObject *
read_value(Reader *r, Kind *kind, uint32_t *size)
{
  const Slot *head = (const Slot *)r->at;
  r->at += sizeof(Slot);
  if (head->tag == TAG_SHAPE) {
    if (read_shape(r, head) < 0) {
      return NULL;
    }
    head = (const Slot *)r->at;
    r->at += sizeof(Slot);
  }
  *kind = VALUE;
  PyObject *value;
  switch (head->tag) {
    case TAG_LIST:
      *kind = LIST;
      value = list_new(head->len);
      break;
    case TAG_SHAPED:
      *kind = SHAPED;
      value = shaped_new(shapes[head->code]);
      break;
    case TAG_DICT:
      *kind = DICT;
      value = PyDict_New();
      break;
    case TAG_SET:
      *kind = SET;
      value = PySet_New(NULL);
      break;
    case TAG_RUN_I32:
    case TAG_RUN_F64:
      value = read_run(r, head);
      break;
    case TAG_BUFFER:
      value = read_buffer(r, head);
      break;
    default:
      return read_scalar(r, head);
  }
  *size = head->len;
  if (value != NULL && remember(r, value) < 0) {
    Py_CLEAR(value);
  }
  return value;
}

/* Put the value of item `next` into a dict that has its keys. Consumes the reference. */
static void
store_shaped(Level *level, PyObject *value)
{
  PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(((PyDictObject *)level->container)->ma_keys);
  /* None, which the place has held, is immortal. */
  entries[level->next++].me_value = value;
  /* As PyDict_SetItem does: a dict of nothing but scalars is no matter for the collector. */
  if (_PyObject_GC_MAY_BE_TRACKED(value) && !_PyObject_GC_IS_TRACKED(level->container)) {
    PyObject_GC_Track(level->container);
  }
}

/* Put a value into the innermost container. Consumes the reference. */
static int
store(Level *level, PyObject *value)
{
  int status;
  switch (level->kind) {
    case LIST:
      list_append(level->container, value);
      level->next++;
      return 0;
    case SHAPED:
      store_shaped(level, value);
      return 0;
    case SET:
      status = PySet_Add(level->container, value);
      level->next++;
      break;
    default:
      if (level->key == NULL) {
        level->key = value;
        return 0;
      }
      status = PyDict_SetItem(level->container, level->key, value);
      Py_CLEAR(level->key);
      level->next++;
  }
  Py_DECREF(value);
  return status;
}

/* The next value if it is of the commonest kinds, which are no containers: 1 and a new reference, 0
 * it is another, -1 error. */
static inline int
read_leaf(Reader *r, PyObject **value)
{
  const Slot *head = (const Slot *)r->at;
  r->at += sizeof(Slot);
  switch (head->tag) {
    case TAG_INT:
      *value = IS_SMALL_INT(head->i32) ? SMALL_INT(head->i32) : PyLong_FromLong(head->i32);
      break;
    case TAG_NUM:
      *value = PyFloat_FromDouble(head->f64);
      break;
    case TAG_BOOL:
      *value = head->i32 ? Py_True : Py_False;
      break;
    case TAG_UNDEFINED:
      *value = Py_None;
      break;
    case TAG_NULL:
      *value = Py_NewRef(js_to_py_null_is_none ? Py_None : py_to_js_null);
      break;
    case TAG_STR:
      if (head->aux == 0) {
        *value = read_inline_string(r, head);
        break;
      }
      /* fallthrough */
    default:
      r->at -= sizeof(Slot);
      return 0;
  }
  return *value ? 1 : -1;
}

/* Read the values that come next in the innermost container, up to one that needs more than this.
 * Returns 0, or -1 with an error set. */
static int
read_leaves(Reader *r, Level *level)
{
  PyObject *value;
  int status = 1;
  if (level->kind == LIST) {
    while (level->next < level->size && (status = read_leaf(r, &value)) > 0) {
      list_append(level->container, value);
      level->next++;
    }
  } else if (level->kind == SHAPED) {
    PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(((PyDictObject *)level->container)->ma_keys);
    while (level->next < level->size && (status = read_leaf(r, &value)) > 0) {
      entries[level->next++].me_value = value;
    }
  }
  return status < 0 ? -1 : 0;
}

static PyObject *
walk(Reader *r)
{
  Kind kind;
  uint32_t size;
  PyObject *root = read_value(r, &kind, &size);
  if (root == NULL || kind == VALUE) {
    return root;
  }
  int failed = push_level(r, root, kind, size) < 0;
  while (r->depth > 0 && !failed) {
    Level *level = &r->levels[r->depth - 1];
    if (read_leaves(r, level) < 0) {
      failed = 1;
      break;
    }
    if (level->next >= level->size && level->key == NULL) {
      r->depth--;
      continue;
    }
    PyObject *value = read_value(r, &kind, &size);
    failed = value == NULL || store(level, value) < 0;
    if (!failed && kind != VALUE) {
      failed = push_level(r, value, kind, size) < 0;
    }
  }
  if (failed) {
    while (r->depth > 0) {
      Py_CLEAR(r->levels[--r->depth].key);
    }
    Py_CLEAR(root);
  }
  return root;
}

PyObject *
tape_read_new(Slot *slot, int32_t *lowest)
{
  Reader r = { .at = slot->address, .lowest = *lowest };
  /* Keys and members may have methods __hash__ and __eq__ in Python. */
  switch_forbidden++;
  PyObject *root = walk(&r);
  switch_forbidden--;
  free(r.levels);
  free(r.opened);
  while (r.name_count > 0) {
    Py_DECREF(r.names[--r.name_count]);
  }
  if (slot->kind & STR_OWNED) {
    free(slot->address);
  }
  *lowest = r.lowest;
  return root;
}
