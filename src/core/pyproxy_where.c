/* The export that tells debug mode which Python code is running. It is called while tapes and
 * results are being read, so it runs no Python code, allocates nothing and keeps what JavaScript
 * has yet to read. */
/* For the frames of the interpreter. */
#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_pystate.h>

#include "pyproxy.h"
#include "text.h"

JsVal
pyx_where(PYX_PARAMS)
{
  PyThreadState *tstate = PyThreadState_GetUnchecked();
  _PyInterpreterFrame *running = tstate ? _PyThreadState_GetFrame(tstate) : NULL;
  for (int32_t up = 0; up < a && running != NULL; up++) {
    running = _PyFrame_GetFirstComplete(running->previous);
  }
  if (running == NULL) {
    slot_set_tag(out, TAG_ABSENT);
    return JSVAL_NONE;
  }
  /* The frame, and so its code, lives until JavaScript has read the text. */
  PyCodeObject *code = _PyFrame_GetCode(running);
  text_to_slot_borrow(code->co_filename, &frame[0]);
  text_to_slot_borrow(code->co_qualname, &frame[1]);
  slot_set_int(out, PyUnstable_InterpreterFrame_GetLine(running));
  return JSVAL_NONE;
}
