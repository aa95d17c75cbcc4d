/* The writing half of tape.h: builtin containers to a tape. The walk keeps its own stack, so that
 * depth costs no C stack, and runs no Python code, so that text may be borrowed. */
/* For the entries of dicts and the table of small ints. */
#define Py_BUILD_CORE 1
#include "dict_entries.h"
#include <internal/pycore_long.h>
#include <internal/pycore_runtime.h>

#include "tape.h"

#include <stdlib.h>
#include <wasm_simd128.h>

#include "buffer_copy.h"
#include "errors.h"
#include "growing.h"
#include "jsproxy/object.h"
#include "shapes.h"
#include "text.h"

/* Private in CPython: the only way to walk a set without an iterator. */
extern int _PySet_NextEntry(PyObject *set, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash);

typedef struct {
  PyObject *container;
  Py_ssize_t next;
  /* Of a dict that has a shape, the number of its keys; else 0. */
  uint32_t shaped;
} Level;

typedef struct {
  uint8_t *data;
  uint32_t used;
  uint32_t capacity;
  uint32_t refs;
  uint32_t opened;
  PyToJsOwnership ownership;
  Level *levels;
  uint32_t depth;
  uint32_t level_capacity;
  int32_t max_levels;
  int32_t flags;
  /* Its number, when dicts may go by their shapes; else 0. */
  uint64_t tape;
  /* Ordinals of what may occur again: open addressing by address, plus 1 for what is written as
   * a proxy. */
  uintptr_t *keys;
  uint32_t *ordinals;
  uint32_t seen;
  uint32_t seen_capacity;
} Writer;

static int
reserve(Writer *w, uint32_t bytes)
{
  if (w->capacity - w->used >= bytes) {
    return 0;
  }
  uint64_t wanted = (uint64_t)w->capacity * 2;
  if (wanted < (uint64_t)w->used + bytes) {
    wanted = (uint64_t)w->used + bytes + 1024;
  }
  uint8_t *grown = wanted > UINT32_MAX ? NULL : realloc(w->data, wanted);
  if (grown == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  w->data = grown;
  w->capacity = (uint32_t)wanted;
  return 0;
}

static Slot *
append(Writer *w)
{
  if (reserve(w, sizeof(Slot)) < 0) {
    return NULL;
  }
  Slot *slot = (Slot *)(w->data + w->used);
  w->used += sizeof(Slot);
  return slot;
}

static uint32_t
slot_of(const Writer *w, uintptr_t key)
{
  uint32_t mask = w->seen_capacity - 1;
  uint32_t i = ((uint32_t)key >> 3) * 2654435761u & mask;
  while (w->keys[i] != 0 && w->keys[i] != key) {
    i = (i + 1) & mask;
  }
  return i;
}

static int
grow_seen(Writer *w)
{
  uint32_t old_capacity = w->seen_capacity;
  uintptr_t *old_keys = w->keys;
  uint32_t *old_ordinals = w->ordinals;
  uint32_t capacity = old_capacity ? old_capacity * 2 : 32;
  w->keys = calloc(capacity, sizeof *w->keys);
  w->ordinals = calloc(capacity, sizeof *w->ordinals);
  w->seen_capacity = capacity;
  int failed = w->keys == NULL || w->ordinals == NULL;
  for (uint32_t i = 0; i < old_capacity && !failed; i++) {
    if (old_keys[i] != 0) {
      uint32_t at = slot_of(w, old_keys[i]);
      w->keys[at] = old_keys[i];
      w->ordinals[at] = old_ordinals[i];
    }
  }
  free(old_keys);
  free(old_ordinals);
  if (failed) {
    PyErr_NoMemory();
    return -1;
  }
  return 0;
}

/* Returns 1, or -1 with an error set. */
static int
append_backref(Writer *w, uint32_t ordinal)
{
  Slot *slot = append(w);
  if (slot == NULL) {
    return -1;
  }
  *slot = (Slot){ .tag = TAG_BACKREF, .len = ordinal };
  return 1;
}

/* Number a container, or with `as_proxy` 1 what is written as a proxy. 1: it was numbered
 * already, and a BACKREF has been written; 0: it is new; -1: error. */
static int
open_object(Writer *w, PyObject *obj, uintptr_t as_proxy)
{
  if (Py_REFCNT(obj) > 1) {
    if (w->seen * 2 >= w->seen_capacity && grow_seen(w) < 0) {
      return -1;
    }
    uintptr_t key = (uintptr_t)obj | as_proxy;
    uint32_t at = slot_of(w, key);
    if (w->keys[at] != 0) {
      return append_backref(w, w->ordinals[at]);
    }
    w->keys[at] = key;
    w->ordinals[at] = w->opened;
    w->seen++;
  }
  w->opened++;
  return 0;
}

static PyObject **
items_of(PyObject *container)
{
  return PyList_Check(container) ? ((PyListObject *)container)->ob_item
                                 : ((PyTupleObject *)container)->ob_item;
}

static uint32_t
padded(uint32_t bytes)
{
  return (bytes + sizeof(Slot) - 1) & ~(uint32_t)(sizeof(Slot) - 1);
}

/* Where items of one kind lie: one after the other, or `stride` addresses apart. */
typedef struct {
  PyObject *const *first;
  Py_ssize_t stride;
  Py_ssize_t count;
} Items;

static inline PyObject *
item_at(const Items *items, Py_ssize_t i)
{
  return items->first[i * items->stride];
}

/* The values of as many items as are ints that CPython has ready made, by fours: their addresses
 * tell. Returns their number. */
__attribute__((target("simd128"))) static Py_ssize_t
write_small_ints(int32_t *run, const Items *items)
{
  _Static_assert(sizeof(PyLongObject) == 16, "the table of small ints");
  if (items->stride != 1) {
    return 0;
  }
  const v128_t table = wasm_i32x4_splat((int32_t)(uintptr_t)_PyLong_SMALL_INTS);
  const v128_t size = wasm_i32x4_splat((int32_t)sizeof _PyLong_SMALL_INTS);
  const v128_t lowest = wasm_i32x4_splat(-_PY_NSMALLNEGINTS);
  Py_ssize_t i = 0;
  for (; i + 4 <= items->count; i += 4) {
    v128_t place = wasm_i32x4_sub(wasm_v128_load(items->first + i), table);
    if (!wasm_i32x4_all_true(wasm_u32x4_lt(place, size))) {
      break;
    }
    wasm_v128_store(run + i, wasm_i32x4_add(wasm_u32x4_shr(place, 4), lowest));
  }
  return i;
}

/* Write items that are nothing but small ints, or nothing but floats, as a typed run.
 * 1 done, 0 they are not, -1 error. */
static int
write_run(Writer *w, Items items)
{
  Py_ssize_t n = items.count;
  if (n == 0 || n > INT32_MAX / 8) {
    return 0;
  }
  int floats = PyFloat_CheckExact(item_at(&items, 0));
  if (!floats && !PyLong_CheckExact(item_at(&items, 0))) {
    return 0;
  }
  uint32_t bytes = padded((uint32_t)n * (floats ? 8 : 4));
  if (reserve(w, sizeof(Slot) + bytes) < 0) {
    return -1;
  }
  Slot *head = (Slot *)(w->data + w->used);
  if (floats) {
    double *run = (double *)(head + 1);
    for (Py_ssize_t i = 0; i < n; i++) {
      PyObject *item = item_at(&items, i);
      if (!PyFloat_CheckExact(item)) {
        return 0;
      }
      run[i] = PyFloat_AS_DOUBLE(item);
    }
  } else {
    int32_t *run = (int32_t *)(head + 1);
    for (Py_ssize_t i = write_small_ints(run, &items); i < n; i++) {
      PyLongObject *item = (PyLongObject *)item_at(&items, i);
      if (!PyLong_CheckExact(item) || !PyUnstable_Long_IsCompact(item)) {
        return 0;
      }
      run[i] = (int32_t)PyUnstable_Long_CompactValue(item);
    }
  }
  *head = (Slot){ .tag = floats ? TAG_RUN_F64 : TAG_RUN_I32, .len = (uint32_t)n };
  w->used += sizeof(Slot) + bytes;
  return 1;
}

static int
push_level(Writer *w, PyObject *container, uint32_t shaped)
{
  if (w->depth >= ABI_TAPE_MAX_DEPTH) {
    PyErr_Format(PyExc_RecursionError, "containers are nested more than %d levels deep",
                 ABI_TAPE_MAX_DEPTH);
    return -1;
  }
  if (GROWING_ROOM(w->levels, w->depth, w->level_capacity) < 0) {
    PyErr_NoMemory();
    return -1;
  }
  w->levels[w->depth++] = (Level){ container, 0, shaped };
  return 0;
}

/* An attribute of a class, by a name that is interned at first use. Borrowed, or NULL. */
static PyObject *
class_attribute(PyTypeObject *type, PyObject **name, const char *text)
{
  if (*name == NULL && (*name = PyUnicode_InternFromString(text)) == NULL) {
    PyErr_Clear();
    return NULL;
  }
  return _PyType_Lookup(type, *name);
}

/* True when the class has the attribute of `base`: nobody has overridden it. */
static int
inherits(PyTypeObject *type, PyTypeObject *base, PyObject **name, const char *text)
{
  PyObject *own = class_attribute(type, name, text);
  return own != NULL && own == class_attribute(base, name, text);
}

/* True when the class lends its buffer, and takes it back, without running Python code. */
static int
lends_natively(PyTypeObject *type)
{
  static PyObject *lend;
  static PyObject *take_back;
  PyObject *lends = class_attribute(type, &lend, "__buffer__");
  PyObject *takes_back = class_attribute(type, &take_back, "__release_buffer__");
  return lends != NULL && Py_IS_TYPE(lends, &PyWrapperDescr_Type) &&
         (takes_back == NULL || Py_IS_TYPE(takes_back, &PyWrapperDescr_Type));
}

static int
subclass_tag(PyTypeObject *type)
{
  static PyObject *len;
  static PyObject *getitem;
  static PyObject *items;
  static PyObject *iter;
  if (PyType_FastSubclass(type, Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS)) {
    int list = PyType_FastSubclass(type, Py_TPFLAGS_LIST_SUBCLASS);
    PyTypeObject *base = list ? &PyList_Type : &PyTuple_Type;
    int same =
      inherits(type, base, &len, "__len__") && inherits(type, base, &getitem, "__getitem__");
    return same ? TAG_LIST : -1;
  }
  if (PyType_FastSubclass(type, Py_TPFLAGS_DICT_SUBCLASS)) {
    return inherits(type, &PyDict_Type, &items, "items") ? TAG_DICT : -1;
  }
  if (PyType_IsSubtype(type, &PySet_Type)) {
    return inherits(type, &PySet_Type, &iter, "__iter__") ? TAG_SET : -1;
  }
  if (type->tp_as_buffer && type->tp_as_buffer->bf_getbuffer) {
    return lends_natively(type) ? TAG_NDARRAY : -1;
  }
  return 0;
}

int
tape_container_tag(PyObject *obj, int32_t levels)
{
  PyTypeObject *type = Py_TYPE(obj);
  if (type == &PyList_Type || type == &PyTuple_Type) {
    return TAG_LIST;
  }
  if (levels <= TAPE_ITEMS) {
    return 0;
  }
  if (type == &PyDict_Type) {
    return TAG_DICT;
  }
  if (type == &PyUnicode_Type || type == &PyLong_Type || type == &PyFloat_Type ||
      type == &PyBool_Type || obj == Py_None) {
    return 0;
  }
  return subclass_tag(type);
}

/* A buffer, with its items in C order and in this machine's byte order. */
static int
write_buffer(Writer *w, PyObject *obj)
{
  BufferCopy copy;
  /* What follows on the tape could run code of its own to lend a buffer, and free these items. */
  int alone = w->used == 0;
  if (buffer_copy_begin(obj, alone, &copy) < 0) {
    return -1;
  }
  int status = -1;
  if (reserve(w, sizeof(Slot) + copy.bytes) == 0) {
    Slot *head = (Slot *)(w->data + w->used);
    status = buffer_copy_write(&copy, head);
    w->used += status == 0 ? sizeof(Slot) + copy.bytes : 0;
  }
  buffer_copy_end(&copy);
  return status;
}

/* True for the root when it is a dict in the form of a list. */
static int
is_pairs(const Writer *w, PyObject *container)
{
  return (w->flags & TAPE_PAIRS) && PyList_CheckExact(container);
}

/* True for the root when it is a set in the form of a list. */
static int
is_members(const Writer *w, PyObject *container)
{
  return (w->flags & TAPE_MEMBERS) && PyList_CheckExact(container);
}

static Py_ssize_t
size_of(const Writer *w, PyObject *container, int tag)
{
  if (tag == TAG_DICT) {
    return is_pairs(w, container) ? Py_SIZE(container) / 2 : PyDict_GET_SIZE(container);
  }
  return PyAnySet_Check(container) ? PySet_GET_SIZE(container) : Py_SIZE(container);
}

/* Write the keys of a shape that JavaScript does not know. */
static int
write_shape(Writer *w, const PyDictUnicodeEntry *entries, uint32_t count, DictShape shape)
{
  if (reserve(w, (count + 1) * sizeof(Slot)) < 0) {
    return -1;
  }
  Slot *slot = (Slot *)(w->data + w->used);
  *slot++ =
    (Slot){ .tag = TAG_SHAPE, .code = (uint16_t)shape.number, .aux = shape.version, .len = count };
  for (uint32_t i = 0; i < count; i++) {
    text_to_slot_borrow(entries[i].me_key, slot++);
  }
  w->used += (count + 1) * sizeof(Slot);
  return 0;
}

static Items
values_of(const PyDictUnicodeEntry *entries, uint32_t count)
{
  return (Items){ &entries->me_value, sizeof *entries / sizeof(PyObject *), count };
}

/* Write a dict by its shape. 1 done, 0 it has none, -1 error. */
static int
write_shaped(Writer *w, PyObject *dict)
{
  DictShape shape = shapes_find(dict, w->tape);
  if (shape.number < 0) {
    return 0;
  }
  uint32_t count;
  const PyDictUnicodeEntry *entries = dict_entries(dict, &count);
  if (shape.untold && write_shape(w, entries, count, shape) < 0) {
    return -1;
  }
  uint32_t head = w->used;
  if (append(w) == NULL) {
    return -1;
  }
  int run = write_run(w, values_of(entries, count));
  if (run < 0) {
    return -1;
  }
  *(Slot *)(w->data + head) =
    (Slot){ .tag = TAG_SHAPED, .kind = (uint8_t)run, .code = (uint16_t)shape.number, .len = count };
  return run || push_level(w, dict, count) == 0 ? 1 : -1;
}

static int
write_container(Writer *w, PyObject *container, int tag)
{
  int known = open_object(w, container, 0);
  if (known != 0) {
    return known < 0 ? -1 : 0;
  }
  if (tag == TAG_NDARRAY) {
    return write_buffer(w, container);
  }
  if (tag == TAG_LIST) {
    int run = write_run(w, (Items){ items_of(container), 1, Py_SIZE(container) });
    if (run != 0) {
      return run < 0 ? -1 : 0;
    }
  }
  if (tag == TAG_DICT && w->tape != 0) {
    int shaped = write_shaped(w, container);
    if (shaped != 0) {
      return shaped < 0 ? -1 : 0;
    }
  }
  Slot *slot = append(w);
  if (slot == NULL) {
    return -1;
  }
  *slot = (Slot){ .tag = (uint8_t)tag, .len = (uint32_t)size_of(w, container, tag) };
  return push_level(w, container, 0);
}

/* An object that JavaScript gets as a PyProxy: one for all its occurrences when the conversion
 * is an explicit one. */
static int
write_object(Writer *w, PyObject *obj)
{
  if (w->flags & CONV_NO_PROXIES) {
    PyErr_Format(ConversionError,
                 "No conversion to JavaScript is known for an object of type '%s', and "
                 "create_pyproxies is false",
                 Py_TYPE(obj)->tp_name);
    return -1;
  }
  int known = w->max_levels <= TAPE_ITEMS ? 0 : open_object(w, obj, 1);
  if (known != 0) {
    return known < 0 ? -1 : 0;
  }
  Slot *slot = append(w);
  if (slot == NULL) {
    return -1;
  }
  py_to_js_object(obj, slot, w->ownership);
  return 0;
}

/* Write a BACKREF to a container that the tape has already. As open_object. */
static int
refer_back(Writer *w, PyObject *item)
{
  if (w->max_levels < 0 || (w->flags & TAPE_ONE_LEVEL) || w->seen == 0) {
    return 0;
  }
  uint32_t at = slot_of(w, (uintptr_t)item);
  if (w->keys[at] == 0) {
    return 0;
  }
  return append_backref(w, w->ordinals[at]);
}

/* 0 done, 1 Python code is needed, -1 error. */
static int
write_item(Writer *w, PyObject *item)
{
  int all = w->max_levels < 0 && w->max_levels != TAPE_ITEMS;
  if (all || (w->max_levels >= 0 && w->depth < (uint32_t)w->max_levels)) {
    int tag = tape_container_tag(item, w->max_levels);
    if (tag != 0) {
      return tag < 0 ? 1 : write_container(w, item, tag);
    }
  }
  Slot *slot = append(w);
  if (slot == NULL) {
    return -1;
  }
  int known = py_to_js_scalar(item, slot);
  if (known != 0) {
    return known < 0 ? -1 : 0;
  }
  if (JsProxy_Check(item)) {
    slot_set_ref(slot, py_to_js_push_ref(JsProxy_value(item)));
    w->refs++;
    return 0;
  }
  w->used -= sizeof(Slot);
  /* What has been copied already is so below the last level too. */
  known = refer_back(w, item);
  return known != 0 ? (known < 0 ? -1 : 0) : write_object(w, item);
}

/* A key of a dict or an item of a set: JavaScript compares objects by identity, so that only
 * immutable values can be found again. */
static int
write_key(Writer *w, PyObject *key, const char *kind)
{
  Slot *slot = append(w);
  if (slot == NULL) {
    return -1;
  }
  int known = py_to_js_scalar(key, slot);
  if (known == 0) {
    w->used -= sizeof(Slot);
    PyErr_Format(ConversionError, "Cannot use %R as a key for a Javascript %s", key, kind);
  } else if (PyUnicode_CheckExact(key)) {
    /* JavaScript finds by it what it has decoded before. A key of a dict has been hashed. */
    slot->aux = (uint32_t)PyObject_Hash(key);
  }
  return known > 0 ? 0 : -1;
}

/* Write an item of the commonest kinds, which are no containers. False when it is another. */
static inline int
write_leaf(PyObject *item, Slot *slot)
{
  PyTypeObject *type = Py_TYPE(item);
  if (type == &PyLong_Type && PyUnstable_Long_IsCompact((PyLongObject *)item)) {
    slot_set_int(slot, (int32_t)PyUnstable_Long_CompactValue((PyLongObject *)item));
  } else if (type == &PyUnicode_Type) {
    text_to_slot_borrow(item, slot);
  } else if (type == &PyFloat_Type) {
    slot_set_number(slot, PyFloat_AS_DOUBLE(item));
  } else if (type == &PyBool_Type) {
    slot_set_bool(slot, item == Py_True);
  } else if (item == Py_None) {
    slot_set_tag(slot, TAG_UNDEFINED);
  } else {
    return 0;
  }
  return 1;
}

/* Write some of the items that come next, up to one that needs more than write_leaf. As write_item;
 * *next becomes the place after them. */
static int
write_items(Writer *w, Items items, Py_ssize_t *next)
{
  enum { SOME = 128 };
  Py_ssize_t i = *next;
  Py_ssize_t stop = items.count - i > SOME ? i + SOME : items.count;
  if (reserve(w, (uint32_t)(stop - i) * sizeof(Slot)) < 0) {
    return -1;
  }
  Slot *slot = (Slot *)(w->data + w->used);
  while (i < stop && write_leaf(item_at(&items, i), slot)) {
    slot++;
    i++;
  }
  w->used = (uint32_t)((uint8_t *)slot - w->data);
  if (i == stop) {
    *next = i;
    return 0;
  }
  *next = i + 1;
  return write_item(w, item_at(&items, i));
}

/* Write more values of a dict that has a shape. */
static int
write_values(Writer *w, Level *level)
{
  uint32_t count;
  const PyDictUnicodeEntry *entries = dict_entries(level->container, &count);
  if (entries == NULL || count != level->shaped) {
    PyErr_SetString(PyExc_RuntimeError, "dictionary changed while it was converted to JavaScript");
    return -1;
  }
  return write_items(w, values_of(entries, count), &level->next);
}

/* Write the next entry of the innermost container, or close it. */
static int
write_next(Writer *w)
{
  Level *level = &w->levels[w->depth - 1];
  PyObject *container = level->container;
  PyObject *key;
  PyObject *value;
  Py_hash_t hash;
  if (level->shaped > 0) {
    if (level->next < (Py_ssize_t)level->shaped) {
      return write_values(w, level);
    }
  } else if (PyDict_Check(container)) {
    if (PyDict_Next(container, &level->next, &key, &value)) {
      return write_key(w, key, "Map") < 0 ? -1 : write_item(w, value);
    }
  } else if (PyAnySet_Check(container)) {
    if (_PySet_NextEntry(container, &level->next, &key, &hash)) {
      return write_key(w, key, "Set");
    }
  } else if (level->next < Py_SIZE(container)) {
    if (is_pairs(w, container) && level->next % 2 == 0) {
      return write_key(w, items_of(container)[level->next++], "Map");
    }
    if (is_members(w, container)) {
      return write_key(w, items_of(container)[level->next++], "Set");
    }
    /* After a value of pairs comes a key. */
    Py_ssize_t count = is_pairs(w, container) ? level->next + 1 : Py_SIZE(container);
    return write_items(w, (Items){ items_of(container), 1, count }, &level->next);
  }
  w->depth--;
  return 0;
}

static int
walk(Writer *w, PyObject *root)
{
  int tag = w->flags & TAPE_PAIRS     ? TAG_DICT
            : w->flags & TAPE_MEMBERS ? TAG_SET
                                      : tape_container_tag(root, w->max_levels);
  int status = tag < 0 ? 1 : write_container(w, root, tag);
  while (status == 0 && w->depth > 0) {
    status = write_next(w);
  }
  return status;
}

/* Give back the references that the PYOBJ slots of an unsent tape own. */
static void
drop_objects(Writer *w)
{
  uint32_t at = 0;
  while (w->ownership == PYOBJ_OWN && at + sizeof(Slot) <= w->used) {
    Slot *slot = (Slot *)(w->data + at);
    at += sizeof(Slot);
    if (slot->tag == TAG_PYOBJ) {
      Py_DECREF((PyObject *)slot->address);
    } else if (slot->tag == TAG_RUN_I32 || slot->tag == TAG_RUN_F64) {
      at += padded(slot->len * (slot->tag == TAG_RUN_F64 ? 8 : 4));
    } else if (slot->tag == TAG_NDARRAY) {
      at += slot->aux;
    }
  }
}

int
tape_write(PyObject *container, Slot *slot, PyToJsOwnership ownership, int32_t levels,
           int32_t flags)
{
  static uint64_t tapes;
  int by_shapes = levels > TAPE_ITEMS && !(flags & TAPE_ONE_LEVEL);
  Writer w = {
    .ownership = ownership, .max_levels = levels, .flags = flags, .tape = by_shapes ? ++tapes : 0
  };
  int status = walk(&w, container);
  free(w.levels);
  free(w.keys);
  free(w.ordinals);
  if (status != 0) {
    PyObject *exc = PyErr_GetRaisedException();
    drop_objects(&w);
    PyErr_SetRaisedException(exc);
    free(w.data);
    return status;
  }
  *slot = (Slot){ .tag = TAG_TAPE, .aux = w.refs, .address = w.data, .len = w.used };
  return py_to_js_keep_block(w.data);
}
