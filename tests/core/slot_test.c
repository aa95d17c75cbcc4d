/* Test program for slot.h: fills one slot by each setter, for slot.test.mjs to look at the bytes. */
#include "slot.h"

#define EXPORT(name) __attribute__((export_name(#name), used))

static Slot slot;
static const char text[] = "text";

/** Address of the slot, first filled with a pattern that a setter must overwrite entirely. */
EXPORT(dirty) Slot *
dirty(void)
{
  __builtin_memset(&slot, 0xa5, sizeof slot);
  return &slot;
}

EXPORT(set_tag) void
set_tag(int tag)
{
  slot_set_tag(&slot, (uint8_t)tag);
}

EXPORT(set_bool) void
set_bool(int value)
{
  slot_set_bool(&slot, value);
}

EXPORT(set_int) void
set_int(int32_t value)
{
  slot_set_int(&slot, value);
}

EXPORT(set_number) void
set_number(double value)
{
  slot_set_number(&slot, value);
}

EXPORT(set_string) const char *
set_string(int kind, uint32_t length)
{
  slot_set_string(&slot, (uint8_t)kind, text, length);
  return text;
}

EXPORT(set_ref) void
set_ref(int32_t place)
{
  slot_set_ref(&slot, place);
}

EXPORT(size) uint32_t
size(void)
{
  return sizeof(Slot);
}
