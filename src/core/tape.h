/* Containers as one flat, depth-first run of slots. The format is described in
 * src/js/core/tape.ts, whose reader and writer are the other half of this room. */
#ifndef TAPE_H
#define TAPE_H

#include <Python.h>

#include "py_to_js.h"

/** For `levels`: lists and tuples only, as deep as they go: the implicit rule. */
#define TAPE_LISTS INT32_MIN
/** For `levels`: the root only, whose items cross by the implicit rule without copies. */
#define TAPE_ITEMS (INT32_MIN + 1)
/** For `flags`, beside CONV bits: the root is a list of keys and values in turn, to be written as
 *  a dict. Such a dict may have a key twice. */
#define TAPE_PAIRS (1 << 30)
/** Likewise: the root is a list of members, to be written as a set. */
#define TAPE_MEMBERS (1 << 28)
/** Likewise: one level of a conversion that goes item by item and knows itself what it has met. */
#define TAPE_ONE_LEVEL (1 << 29)

/** Write a container to a tape and let `slot` (TAPE) point to it; `slot->aux` is the number of
 *  refs pushed. The tape lives until py_to_js_done.
 *
 *  With other `levels` than these two dicts, sets, buffers and plain subclasses are containers
 *  too, that many levels are copied (all, when negative), an object that occurs twice is written
 *  once, and `flags` are CONV bits.
 *  Returns 0; 1 when only Python code can say what a container holds, and nothing is written;
 *  or -1 with an error set. */
int tape_write(PyObject *container, Slot *slot, PyToJsOwnership ownership, int32_t levels,
               int32_t flags) __attribute__((warn_unused_result));
/** Write the items of a list or tuple by the implicit rule of the conversion mode, for an object
 *  that keeps them. As tape_write. */
static inline int
tape_write_items(PyObject *items, Slot *slot)
{
  return tape_write(items, slot, PYOBJ_OWN, py_to_js_native ? TAPE_LISTS : TAPE_ITEMS, 0);
}

/** The tag that tape_write gives a container; 0 when the object is none, -1 when only Python
 *  code can say what it holds. */
int tape_container_tag(PyObject *obj, int32_t levels);

/** Where JavaScript lays out frames, ABI_FRAME_REGION bytes, and behind them what either side knows
 * of the other's shapes; see src/js/core/memory.ts. */
extern char tape_frame_region[];

/** Build the container of a TAPE slot that JavaScript has written, freeing it when OWNED.
 *  `*lowest` becomes the least place among its refs, if less than it was. New reference. */
PyObject *tape_read_new(Slot *slot, int32_t *lowest) __attribute__((warn_unused_result));

/* What py_to_js.c lends to the writer: */

/** Fill a slot from an immutable value. 1 done, 0 not one, -1 error set. */
int py_to_js_scalar(PyObject *obj, Slot *slot) __attribute__((warn_unused_result));
/** Fill a PYOBJ slot. */
void py_to_js_object(PyObject *obj, Slot *slot, PyToJsOwnership ownership);
/** Keep malloc'ed memory until py_to_js_done; frees it at once on failure (-1, error set). */
int py_to_js_keep_block(void *block) __attribute__((warn_unused_result));

#endif
