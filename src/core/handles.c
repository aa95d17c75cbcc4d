/* Handle table: see handles.h.
 *
 * The externrefs lie in a wasm table. Beside it, in linear memory, each entry has one word:
 * for a live entry its version, for a free one its version and the index of the next free
 * entry. The free list is last in, first out, so that the table stays dense. */
#include "handles.h"

#include <stdlib.h>

#define INDEX_BITS 24
#define INDEX_MASK ((1u << INDEX_BITS) - 1)
#define FIRST_SIZE 256u

static __externref_t table[0];

/* entries[i]: version << 24 | next free index (0 for a live entry or the end of the list). */
static uint32_t *entries;
static uint32_t size;
static uint32_t free_head;
static uint32_t live;
/* What an entry is. Live ones cannot be told from the last free one by the word alone. */
enum { FREE = 0, STRONG = 1, WEAK = 2 };
static uint8_t *state;

static int
grow(void)
{
  uint32_t wanted = size ? size * 2 : FIRST_SIZE;
  if (wanted > INDEX_MASK + 1) {
    return -1;
  }
  uint32_t *new_entries = realloc(entries, wanted * sizeof *entries);
  if (new_entries == NULL) {
    return -1;
  }
  entries = new_entries;
  uint8_t *new_state = realloc(state, wanted);
  if (new_state == NULL) {
    return -1;
  }
  state = new_state;
  uint32_t have = __builtin_wasm_table_size(table);
  if (have < wanted && __builtin_wasm_table_grow(table, JSVAL_NONE, wanted - have) == -1) {
    return -1;
  }
  /* Index 0 stays unused: it is the null handle. */
  uint32_t first = size ? size : 1;
  for (uint32_t i = wanted; i-- > first;) {
    entries[i] = (1u << INDEX_BITS) | free_head;
    state[i] = FREE;
    free_head = i;
  }
  size = wanted;
  return 0;
}

JsRef
handles_new(JsVal value)
{
  if (free_head == 0 && grow() < 0) {
    return NULL;
  }
  uint32_t index = free_head;
  uint32_t version = entries[index] >> INDEX_BITS;
  free_head = entries[index] & INDEX_MASK;
  entries[index] = version << INDEX_BITS;
  state[index] = STRONG;
  live++;
  __builtin_wasm_table_set(table, index, value);
  return (JsRef)(uintptr_t)(version << INDEX_BITS | index);
}

static uint32_t
checked_index(JsRef ref)
{
  uint32_t bits = (uint32_t)(uintptr_t)ref;
  uint32_t index = bits & INDEX_MASK;
  if (index == 0 || index >= size || state[index] == FREE ||
      entries[index] >> INDEX_BITS != bits >> INDEX_BITS) {
    /* Using the wrong object would corrupt somebody else's data: stop here. */
    __builtin_trap();
  }
  return index;
}

JsVal
handles_get(JsRef ref)
{
  uint32_t index = checked_index(ref);
  JsVal value = __builtin_wasm_table_get(table, index);
  return state[index] == STRONG ? value : jsx_weak_value(value);
}

void
handles_set(JsRef ref, JsVal value, int weak)
{
  uint32_t index = checked_index(ref);
  state[index] = weak ? WEAK : STRONG;
  __builtin_wasm_table_set(table, index, value);
}

void
handles_drop(JsRef ref)
{
  if (ref == NULL) {
    return;
  }
  uint32_t index = checked_index(ref);
  uint32_t version = ((entries[index] >> INDEX_BITS) + 1) & 0xff;
  entries[index] = version << INDEX_BITS | free_head;
  state[index] = FREE;
  free_head = index;
  live--;
  __builtin_wasm_table_set(table, index, JSVAL_NONE);
}

uint32_t
handles_live(void)
{
  return live;
}

int
handles_resume(void)
{
  uint32_t have = __builtin_wasm_table_size(table);
  return have >= size || __builtin_wasm_table_grow(table, JSVAL_NONE, size - have) != -1 ? 0 : -1;
}
