/* Shapes of dicts: see shapes.h. A place is given to keys when they are seen; they get its number
 * when they are seen again. */
/* For the entries of dicts. */
#define Py_BUILD_CORE 1
#include "dict_entries.h"

#include "shapes.h"

#include "tape.h"

/* A sequence of keys has WAYS places, in one of SETS. */
#define WAYS 4
#define SETS (ABI_TAPE_MAX_SHAPES / WAYS)
/* Bound of the keys of all shapes together. */
#define MAX_KEYS 16384
/* A longer key is not kept alive for what may come. */
#define MAX_LENGTH 128

typedef struct {
  uint32_t hash;
  uint32_t count;
  /* Owned; NULL while the keys have been seen only once. */
  PyObject **keys;
  /* Tells these keys from those that had the number before. */
  uint32_t version;
  /* The tape that tells JavaScript the keys, until it knows them. */
  uint64_t tape;
} Shape;

static Shape shapes[ABI_TAPE_MAX_SHAPES];
static uint32_t kept_keys;
/* Which place of its set the next sequence gets. */
static uint32_t turn;

/* Which version of each shape JavaScript knows, which it says here. */
#define LEARNT ((const uint32_t *)(tape_frame_region + ABI_FRAME_REGION + ABI_TAPE_MAX_SHAPES))

/* A key of a dict has been hashed, but not since the start from a snapshot. */
static uint32_t
key_hash(PyObject *key)
{
  Py_hash_t hash = ((PyASCIIObject *)key)->hash;
  return (uint32_t)(hash != -1 ? hash : PyObject_Hash(key));
}

static uint32_t
hash_of(const PyDictUnicodeEntry *entries, uint32_t count)
{
  uint32_t first = key_hash(entries[0].me_key);
  uint32_t last = key_hash(entries[count - 1].me_key);
  return (first ^ (last << 7 | last >> 25) ^ count) * 2654435761u;
}

/* Compare the keys; those that are equal replace the shape's own, for they are likely to come
 * again. */
static int
matches(Shape *shape, const PyDictUnicodeEntry *entries, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    PyObject *key = entries[i].me_key;
    if (shape->keys[i] != key) {
      if (PyUnicode_Compare(shape->keys[i], key) != 0) {
        return 0;
      }
      Py_SETREF(shape->keys[i], Py_NewRef(key));
    }
  }
  return 1;
}

static void
clear(Shape *shape)
{
  if (shape->keys != NULL) {
    kept_keys -= shape->count;
    while (shape->count > 0) {
      Py_DECREF(shape->keys[--shape->count]);
    }
    PyMem_Free(shape->keys);
  }
  *shape = (Shape){ 0 };
}

/* True for what is a property by plain assignment, and short. */
static int
may_be_kept(PyObject *key)
{
  return PyUnicode_GET_LENGTH(key) <= MAX_LENGTH && !PyUnicode_EqualToUTF8(key, "__proto__");
}

/* Keep the keys of a shape that is seen again. Returns 0 when there is no room for them, or they
 * can have no shape. */
static int
keep(Shape *shape, const PyDictUnicodeEntry *entries)
{
  uint32_t count = shape->count;
  for (uint32_t i = 0; i < count; i++) {
    if (!may_be_kept(entries[i].me_key)) {
      return 0;
    }
  }
  if (kept_keys + count > MAX_KEYS) {
    shapes_forget();
    return 0;
  }
  shape->keys = PyMem_Malloc(count * sizeof *shape->keys);
  if (shape->keys == NULL) {
    return 0;
  }
  for (uint32_t i = 0; i < count; i++) {
    shape->keys[i] = Py_NewRef(entries[i].me_key);
  }
  kept_keys += count;
  static uint32_t versions;
  shape->version = ++versions;
  return 1;
}

DictShape
shapes_find(PyObject *dict, uint64_t tape)
{
  DictShape none = { .number = -1 };
  uint32_t count;
  const PyDictUnicodeEntry *entries = dict_entries(dict, &count);
  if (entries == NULL || count == 0 || count > ABI_TAPE_MAX_SHAPE_SIZE) {
    return none;
  }
  uint32_t hash = hash_of(entries, count);
  Shape *set = &shapes[(hash >> 16) % SETS * WAYS];
  for (Shape *shape = set; shape < set + WAYS; shape++) {
    if (shape->hash != hash || shape->count != count) {
      continue;
    }
    if (shape->keys == NULL && !keep(shape, entries)) {
      return none;
    }
    if (!matches(shape, entries, count)) {
      continue;
    }
    int number = (int)(shape - shapes);
    int untold = LEARNT[number] != shape->version && shape->tape != tape;
    shape->tape = tape;
    return (DictShape){ number, shape->version, untold };
  }
  Shape *shape = &set[turn++ % WAYS];
  clear(shape);
  shape->hash = hash;
  shape->count = count;
  return none;
}

void
shapes_forget(void)
{
  for (uint32_t i = 0; i < ABI_TAPE_MAX_SHAPES; i++) {
    clear(&shapes[i]);
  }
}
