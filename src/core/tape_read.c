/* The reading half of tape.h: a tape that JavaScript wrote to lists, dicts and sets. The walk
 * keeps its own stack. It runs no Python code but the hashing of keys, which are immutable. */
/* For the table of small ints; the rest of this file uses only the public API. */
#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_long.h>
#include <internal/pycore_runtime.h>

#include "tape.h"

#include <stdlib.h>

#include "js_to_py.h"

typedef struct {
  PyObject *container;
  uint32_t size;
  uint32_t next;
  /* A dict's key that waits for its value. */
  PyObject *key;
} Level;

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
  if (r->opened_count == r->opened_capacity) {
    uint32_t capacity = r->opened_capacity ? r->opened_capacity * 2 : 16;
    PyObject **grown = realloc(r->opened, capacity * sizeof *grown);
    if (grown == NULL) {
      PyErr_NoMemory();
      return -1;
    }
    r->opened = grown;
    r->opened_capacity = capacity;
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

/* A list of ints; those that exist already cost no call. */
static PyObject *
read_ints(const int32_t *ints, uint32_t count)
{
  PyObject *list = PyList_New(count);
  if (list == NULL) {
    return NULL;
  }
  PyObject **items = ((PyListObject *)list)->ob_item;
  for (uint32_t i = 0; i < count; i++) {
    /* Ready-made ints are immortal and need no reference. */
    items[i] = IS_SMALL_INT(ints[i]) ? SMALL_INT(ints[i]) : PyLong_FromLong(ints[i]);
    if (items[i] == NULL) {
      Py_DECREF(list);
      return NULL;
    }
  }
  return list;
}

static PyObject *
read_numbers(const double *doubles, uint32_t count)
{
  PyObject *list = PyList_New(count);
  for (uint32_t i = 0; list != NULL && i < count; i++) {
    PyObject *item = number(doubles[i]);
    if (item == NULL) {
      Py_CLEAR(list);
      break;
    }
    PyList_SET_ITEM(list, i, item);
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
push_level(Reader *r, PyObject *container, uint32_t size)
{
  if (r->depth == r->level_capacity) {
    uint32_t capacity = r->level_capacity ? r->level_capacity * 2 : 16;
    Level *grown = realloc(r->levels, capacity * sizeof *grown);
    if (grown == NULL) {
      PyErr_NoMemory();
      return -1;
    }
    r->levels = grown;
    r->level_capacity = capacity;
  }
  r->levels[r->depth++] = (Level){ container, size, 0, NULL };
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
  return js_to_py_new(&copy, JSVAL_NONE);
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

/* The next value, new reference; *size becomes the number of items a container still lacks,
 * or -1 when the value is complete. */
static PyObject *
read_value(Reader *r, int64_t *size)
{
  const Slot *head = (const Slot *)r->at;
  r->at += sizeof(Slot);
  *size = -1;
  PyObject *value;
  switch (head->tag) {
    case TAG_LIST:
      *size = head->len;
      value = PyList_New(head->len);
      break;
    case TAG_DICT:
      *size = head->len;
      value = PyDict_New();
      break;
    case TAG_SET:
      *size = head->len;
      value = PySet_New(NULL);
      break;
    case TAG_RUN_I32:
    case TAG_RUN_F64:
      value = read_run(r, head);
      break;
    case TAG_BUFFER:
      value = read_buffer(r, head);
      break;
    case TAG_BACKREF:
      return Py_NewRef(r->opened[head->len]);
    case TAG_STR:
      value = read_inline_string(r, head);
      if (value != NULL && head->aux && r->name_count < ABI_TAPE_MAX_KEYS) {
        r->names[r->name_count++] = Py_NewRef(value);
      }
      return value;
    case TAG_KEYREF:
      return Py_NewRef(r->names[head->len]);
    case TAG_BIGINT:
      return read_inline_bigint(r, head);
    case TAG_REF: {
      Slot copy = *head;
      if (head->i32 - 4 < r->lowest) {
        r->lowest = head->i32 - 4;
      }
      return js_to_py_new(&copy, jsx_take_ref(head->i32 - 4));
    }
    default: {
      Slot copy = *head;
      return js_to_py_new(&copy, JSVAL_NONE);
    }
  }
  if (value != NULL && remember(r, value) < 0) {
    Py_CLEAR(value);
  }
  return value;
}

/* Put a value into the innermost container. Consumes the reference. */
static int
store(Level *level, PyObject *value)
{
  if (PyList_CheckExact(level->container)) {
    PyList_SET_ITEM(level->container, level->next++, value);
    return 0;
  }
  int status;
  if (PySet_CheckExact(level->container)) {
    status = PySet_Add(level->container, value);
    level->next++;
  } else if (level->key == NULL) {
    level->key = value;
    return 0;
  } else {
    status = PyDict_SetItem(level->container, level->key, value);
    Py_CLEAR(level->key);
    level->next++;
  }
  Py_DECREF(value);
  return status;
}

static PyObject *
walk(Reader *r)
{
  int64_t size;
  PyObject *root = read_value(r, &size);
  if (root == NULL || size < 0) {
    return root;
  }
  int failed = push_level(r, root, (uint32_t)size) < 0;
  while (r->depth > 0 && !failed) {
    Level *level = &r->levels[r->depth - 1];
    if (level->next >= level->size && level->key == NULL) {
      r->depth--;
      continue;
    }
    PyObject *value = read_value(r, &size);
    failed = value == NULL || store(level, value) < 0;
    if (!failed && size >= 0) {
      failed = push_level(r, value, (uint32_t)size) < 0;
    }
  }
  if (failed) {
    while (r->depth > 0) {
      Py_CLEAR(r->levels[--r->depth].key);
    }
    /* Lists with empty places are safe to drop. */
    Py_CLEAR(root);
  }
  return root;
}

PyObject *
tape_read_new(Slot *slot, int32_t *lowest)
{
  Reader r = { .at = slot->address, .lowest = *lowest };
  PyObject *root = walk(&r);
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
