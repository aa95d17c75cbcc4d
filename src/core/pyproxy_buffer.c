/* Exports that lend a Python buffer's memory to JavaScript. */
#include "pyproxy.h"

/* What the slots of the frame say; shape and strides (in bytes) follow, ndim slots each. */
enum {
  FIELD_BUF,
  FIELD_ITEMSIZE,
  FIELD_NDIM,
  FIELD_READONLY,
  FIELD_C_CONTIGUOUS,
  FIELD_F_CONTIGUOUS,
  FIELD_FORMAT,
  FIELD_LOWEST,
  FIELD_SPAN,
  FIELD_COUNT,
};

/* Distance in bytes between neighbours in a dimension. Exporters may leave the strides of C order
 * to be computed. */
static Py_ssize_t
stride_of(const Py_buffer *view, int dimension)
{
  if (view->strides != NULL) {
    return view->strides[dimension];
  }
  Py_ssize_t stride = view->itemsize;
  for (int i = view->ndim - 1; i > dimension; i--) {
    stride *= view->shape[i];
  }
  return stride;
}

/* Write where the items lie: distance in bytes from the lowest item to item [0, ...], and the
 * number of bytes from the lowest item to the end of the highest. */
static void
describe_extent(const Py_buffer *view, Slot *frame)
{
  Py_ssize_t lowest = 0;
  Py_ssize_t highest = 0;
  int empty = view->len == 0;
  for (int i = 0; i < view->ndim; i++) {
    Py_ssize_t reach = (view->shape[i] - 1) * stride_of(view, i);
    empty |= view->shape[i] == 0;
    if (reach < 0) {
      lowest += reach;
    } else {
      highest += reach;
    }
  }
  slot_set_int(&frame[FIELD_LOWEST], empty ? 0 : (int32_t)-lowest);
  slot_set_int(&frame[FIELD_SPAN], empty ? 0 : (int32_t)(highest - lowest + view->itemsize));
}

static void
describe(const Py_buffer *view, Slot *frame)
{
  const char *format = view->format ? view->format : "B";
  slot_set_int(&frame[FIELD_BUF], (int32_t)(uintptr_t)view->buf);
  slot_set_int(&frame[FIELD_ITEMSIZE], (int32_t)view->itemsize);
  slot_set_int(&frame[FIELD_NDIM], view->ndim);
  slot_set_bool(&frame[FIELD_READONLY], view->readonly);
  slot_set_bool(&frame[FIELD_C_CONTIGUOUS], PyBuffer_IsContiguous(view, 'C'));
  slot_set_bool(&frame[FIELD_F_CONTIGUOUS], PyBuffer_IsContiguous(view, 'F'));
  slot_set_string(&frame[FIELD_FORMAT], STR_ASCII, format, (uint32_t)strlen(format));
  describe_extent(view, frame);
  for (int i = 0; i < view->ndim; i++) {
    slot_set_int(&frame[FIELD_COUNT + i], (int32_t)view->shape[i]);
    slot_set_int(&frame[FIELD_COUNT + view->ndim + i], (int32_t)stride_of(view, i));
  }
}

/* Exporters should have refused by themselves. */
static int
refuse_suboffsets(const Py_buffer *view)
{
  for (int i = 0; view->suboffsets != NULL && i < view->ndim; i++) {
    if (view->suboffsets[i] >= 0) {
      PyErr_SetString(PyExc_BufferError,
                      "getBuffer(): items of a buffer with suboffsets lie in no common array");
      return -1;
    }
  }
  return 0;
}

JsVal
pyx_get_buffer(PYX_PARAMS)
{
  PyObject *obj = pyx_begin(a);
  if (obj == NULL) {
    return pyx_refuse(out);
  }
  int status = -1;
  Py_buffer *view = PyMem_Malloc(sizeof *view);
  if (view == NULL) {
    PyErr_NoMemory();
  } else if (PyObject_GetBuffer(obj, view, PyBUF_RECORDS_RO) < 0) {
    PyMem_Free(view);
  } else if (refuse_suboffsets(view) < 0) {
    PyBuffer_Release(view);
    PyMem_Free(view);
  } else {
    describe(view, frame);
    status = 0;
  }
  pyx_end(obj);
  JsVal ref = calls_return_status(status, out);
  if (status == 0) {
    slot_set_int(out, (int32_t)(uintptr_t)view);
  }
  return ref;
}

JsVal
pyx_release_buffer(PYX_PARAMS)
{
  if (PyThreadState_GetUnchecked() == NULL) {
    return pyx_refuse(out);
  }
  Py_buffer *view = (Py_buffer *)(uintptr_t)(uint32_t)a;
  PyBuffer_Release(view);
  PyMem_Free(view);
  return calls_return_status(0, out);
}
