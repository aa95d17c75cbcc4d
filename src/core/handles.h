/* JavaScript values held by Python: versioned handles into a wasm externref table.
 *
 * JsVal (an externref) lives only in locals and parameters; JsRef only in struct fields.
 * Each JsRef has exactly one owner, who drops it once. */
#ifndef HANDLES_H
#define HANDLES_H

#include "slot.h"

/** Owner's name for a held JavaScript value; 0 is "none".
 *
 *  bit 31..24  version of the entry, so that a stale handle is noticed
 *  bit 23..0   index into the table, from 1 */
typedef struct JsRefBits *JsRef;

/** Hold `value`. New handle; 0 when the table cannot grow. */
JsRef handles_new(JsVal value) __attribute__((warn_unused_result));
/** The held value. A stale or null handle is a bug of the caller and traps. */
JsVal handles_get(JsRef ref);
/** Replace the held value by a WeakRef of it, or with `weak` 0 a WeakRef by what it leads to. */
void handles_set(JsRef ref, JsVal value, int weak);
/** Let go of the value; the handle is dead afterwards. Null is allowed. */
void handles_drop(JsRef ref);
/** Make the table as large as the entries in linear memory say, when memory has been replaced.
 *  There are no live handles. -1 when the table cannot grow. */
int handles_resume(void);
/** Number of handles alive. */
uint32_t handles_live(void);

#endif
