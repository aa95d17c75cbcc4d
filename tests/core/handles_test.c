/* Test program for handles.c: the room's functions as exports, so that handles.test.mjs can call them with real objects. */
#include "handles.h"

#define EXPORT(name) __attribute__((export_name(#name), used))

EXPORT(hold) uint32_t
hold(JsVal value)
{
  return (uint32_t)(uintptr_t)handles_new(value);
}

EXPORT(get) JsVal
get(uint32_t bits)
{
  return handles_get((JsRef)(uintptr_t)bits);
}

EXPORT(drop) void
drop(uint32_t bits)
{
  handles_drop((JsRef)(uintptr_t)bits);
}

EXPORT(live) uint32_t
live(void)
{
  return handles_live();
}
