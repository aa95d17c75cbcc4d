/* The 16-byte value slot: the form in which every value crosses between the languages.
 *
 * A slot never owns a Python reference unless the function that fills it says so, and never
 * holds a JavaScript object: objects travel beside it as externrefs. Layout: abi.toml. */
#ifndef SLOT_H
#define SLOT_H

#include "abi.gen.h"
#include <stddef.h>

struct Slot {
  uint8_t tag;
  uint8_t kind;
  uint16_t code;
  uint32_t aux;
  union {
    double f64;
    int32_t i32;
    struct {
      union {
        uint32_t ptr;
        void *address;
      };
      uint32_t len;
    };
  };
};

_Static_assert(sizeof(Slot) == ABI_SLOT_SIZE, "slot size");
_Static_assert(offsetof(Slot, kind) == ABI_KIND_OFFSET, "slot kind");
_Static_assert(offsetof(Slot, aux) == ABI_AUX_OFFSET, "slot aux");
_Static_assert(offsetof(Slot, f64) == ABI_PAYLOAD_OFFSET, "slot payload");
_Static_assert(offsetof(Slot, len) == ABI_LEN_OFFSET, "slot length");

/** The null externref, the companion of every slot that holds no object. */
#define JSVAL_NONE __builtin_wasm_ref_null_extern()

/* Setters write a whole slot, so that no stale word is ever read. */

static inline void
slot_set_tag(Slot *slot, uint8_t tag)
{
  *slot = (Slot){ .tag = tag };
}

static inline void
slot_set_bool(Slot *slot, int value)
{
  *slot = (Slot){ .tag = TAG_BOOL, .i32 = value != 0 };
}

static inline void
slot_set_int(Slot *slot, int32_t value)
{
  *slot = (Slot){ .tag = TAG_INT, .i32 = value };
}

static inline void
slot_set_number(Slot *slot, double value)
{
  *slot = (Slot){ .tag = TAG_NUM, .f64 = value };
}

static inline void
slot_set_string(Slot *slot, uint8_t kind, const void *data, uint32_t length)
{
  *slot = (Slot){ .tag = TAG_STR, .kind = kind, .address = (void *)data, .len = length };
}

static inline void
slot_set_ref(Slot *slot, int32_t place)
{
  *slot = (Slot){ .tag = TAG_REF, .i32 = place };
}

#endif
