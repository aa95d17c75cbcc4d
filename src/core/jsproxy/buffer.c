/* Typed arrays, DataViews and ArrayBuffers: copying their bytes to and from Python. */
#include "jsproxy.h"

#include "../calls.h"
#include "../docs.gen.h"
#include "../js_to_py.h"
#include "../text.h"

/* Buffers up to this size are read in one crossing; others take one more, for their size. */
#define SMALL 1024

static Slot
memory_slot(void *address, size_t size)
{
  return (Slot){ .address = address, .len = (uint32_t)size };
}

Py_ssize_t
jsproxy_buffer_read(PyObject *self, Py_ssize_t offset, void *target, size_t size)
{
  Slot at;
  Slot memory = memory_slot(target, size);
  Slot out[2];
  slot_set_int(&at, (int32_t)offset);
  calls_release_result();
  JsVal value =
    jsx_op(OP_BUFFER_READ, JsProxy_value(self), &at, JSVAL_NONE, &memory, JSVAL_NONE, out);
  PyObject *total = js_to_py_answer_new(out, value);
  if (total == NULL) {
    return -1;
  }
  Py_ssize_t length = PyLong_AsSsize_t(total);
  Py_DECREF(total);
  return length;
}

int
jsproxy_buffer_write(PyObject *self, Py_ssize_t offset, const void *source, size_t size)
{
  Slot at;
  Slot memory = memory_slot((void *)source, size);
  Slot out[2];
  slot_set_int(&at, (int32_t)offset);
  calls_release_result();
  JsVal thrown =
    jsx_op(OP_BUFFER_WRITE, JsProxy_value(self), &at, JSVAL_NONE, &memory, JSVAL_NONE, out);
  return jsproxy_answer_status(out, thrown);
}

static PyObject *
to_bytes(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  char small[SMALL];
  Py_ssize_t size = jsproxy_buffer_read(self, 0, small, sizeof small);
  if (size < 0) {
    return NULL;
  }
  PyObject *bytes = PyBytes_FromStringAndSize(size <= SMALL ? small : NULL, size);
  if (bytes != NULL && size > SMALL &&
      jsproxy_buffer_read(self, 0, PyBytes_AS_STRING(bytes), (size_t)size) < 0) {
    Py_CLEAR(bytes);
  }
  return bytes;
}

static PyObject *
to_memoryview(PyObject *self, PyObject *Py_UNUSED(ignored))
{
  Slot depth;
  slot_set_int(&depth, -1);
  return jsproxy_op_slot_new(OP_TO_PY, self, &depth);
}

static PyObject *
to_string(PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "encoding", NULL };
  PyObject *encoding = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:to_string", names, &encoding)) {
    return NULL;
  }
  Slot label;
  slot_set_tag(&label, TAG_UNDEFINED);
  if (PyUnicode_Check(encoding)) {
    text_to_slot_borrow(encoding, &label);
  } else if (encoding != Py_None) {
    return PyErr_Format(PyExc_TypeError,
                        "to_string() argument 'encoding' must be str or None, "
                        "not %.200s",
                        Py_TYPE(encoding)->tp_name);
  }
  return jsproxy_op_slot_new(OP_BUFFER_TEXT, self, &label);
}

/* Copy between a JavaScript and a Python buffer of the same size. */
static PyObject *
assign_op(int op, PyObject *self, PyObject *object, int flags)
{
  Py_buffer view;
  if (PyObject_GetBuffer(object, &view, PyBUF_ANY_CONTIGUOUS | PyBUF_FORMAT | flags) < 0) {
    return NULL;
  }
  Slot memory = memory_slot(view.buf, (size_t)view.len);
  memory.aux = (uint32_t)view.itemsize;
  PyObject *result = jsproxy_op_slot_new(op, self, &memory);
  PyBuffer_Release(&view);
  return result;
}

static PyObject *
assign(PyObject *self, PyObject *source)
{
  return assign_op(OP_BUFFER_ASSIGN, self, source, 0);
}

static PyObject *
assign_to(PyObject *self, PyObject *target)
{
  return assign_op(OP_BUFFER_ASSIGN_TO, self, target, PyBUF_WRITABLE);
}

/* Files are Python's business. */
static PyObject *
with_file(const char *function, PyObject *self, PyObject *file)
{
  PyObject *module = PyImport_ImportModule("_pyodide._buffer_files");
  PyObject *result = module ? PyObject_CallMethod(module, function, "OO", self, file) : NULL;
  Py_XDECREF(module);
  return result;
}

static PyObject *
to_file(PyObject *self, PyObject *file)
{
  return with_file("to_file", self, file);
}

static PyObject *
from_file(PyObject *self, PyObject *file)
{
  return with_file("from_file", self, file);
}

static PyObject *
into_file(PyObject *self, PyObject *file)
{
  return with_file("into_file", self, file);
}

/* What numpy.asarray asks for; numpy is Python's business too. */
static PyObject *
array(PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "dtype", "copy", NULL };
  PyObject *dtype = Py_None;
  PyObject *copy = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$O:__array__", names, &dtype, &copy)) {
    return NULL;
  }
  PyObject *module = PyImport_ImportModule("_pyodide._buffer_array");
  PyObject *result =
    module ? PyObject_CallMethod(module, "to_array", "OOO", self, dtype, copy) : NULL;
  Py_XDECREF(module);
  return result;
}

/* The functions for _pyodide._buffer_files. */

static int
check_buffer(PyObject *obj)
{
  if (JsProxy_Check(obj) && (JsProxy_flags(obj) & JSF_IS_BUFFER)) {
    return 1;
  }
  PyErr_Format(PyExc_TypeError, "argument 1 must be a JsBuffer, not %.200s", Py_TYPE(obj)->tp_name);
  return 0;
}

static PyObject *
buffer_read_into(PyObject *Py_UNUSED(module), PyObject *args)
{
  PyObject *buffer;
  Py_ssize_t offset;
  Py_buffer target;
  if (!PyArg_ParseTuple(args, "Onw*:buffer_read_into", &buffer, &offset, &target)) {
    return NULL;
  }
  Py_ssize_t size = -1;
  if (check_buffer(buffer)) {
    size = jsproxy_buffer_read(buffer, offset, target.buf, (size_t)target.len);
  }
  PyBuffer_Release(&target);
  return size < 0 ? NULL : PyLong_FromSsize_t(size);
}

static PyObject *
buffer_write(PyObject *Py_UNUSED(module), PyObject *args)
{
  PyObject *buffer;
  Py_ssize_t offset;
  Py_buffer source;
  if (!PyArg_ParseTuple(args, "Ony*:buffer_write", &buffer, &offset, &source)) {
    return NULL;
  }
  int failed = !check_buffer(buffer) ||
               jsproxy_buffer_write(buffer, offset, source.buf, (size_t)source.len) < 0;
  PyBuffer_Release(&source);
  return failed ? NULL : Py_NewRef(Py_None);
}

static PyObject *
buffer_bytes(PyObject *Py_UNUSED(module), PyObject *buffer)
{
  return check_buffer(buffer) ? jsproxy_op_new(OP_BUFFER_BYTES, buffer) : NULL;
}

PyMethodDef jsproxy_buffer_functions[] = {
  { "buffer_read_into", buffer_read_into, METH_VARARGS,
    "buffer_read_into(buffer, offset, target, /)\n--\n\nFill `target` from a JavaScript buffer; "
    "returns the size of that." },
  { "buffer_write", buffer_write, METH_VARARGS,
    "buffer_write(buffer, offset, source, /)\n--\n\nCopy bytes to a JavaScript buffer." },
  { "buffer_bytes", buffer_bytes, METH_O,
    "buffer_bytes(buffer, /)\n--\n\nAn Uint8Array over the memory of a JavaScript buffer." },
  { 0 },
};

static PyMethodDef methods[] = {
  { "to_memoryview", to_memoryview, METH_NOARGS, DOC_JsBuffer_to_memoryview },
  { "to_bytes", to_bytes, METH_NOARGS, DOC_JsBuffer_to_bytes },
  { "to_string", (PyCFunction)(void (*)(void))to_string, METH_VARARGS | METH_KEYWORDS,
    DOC_JsBuffer_to_string },
  { "assign", assign, METH_O, DOC_JsBuffer_assign },
  { "assign_to", assign_to, METH_O, DOC_JsBuffer_assign_to },
  { "to_file", to_file, METH_O, DOC_JsBuffer_to_file },
  { "from_file", from_file, METH_O, DOC_JsBuffer_from_file },
  { "_into_file", into_file, METH_O, DOC_JsBuffer__into_file },
  { "__array__", (PyCFunction)(void (*)(void))array, METH_VARARGS | METH_KEYWORDS,
    DOC_JsBuffer___array__ },
  { 0 },
};

const JsProxyRow jsproxy_buffer_rows[] = {
  { .all = JSF_IS_BUFFER, .methods = methods },
  { 0 },
};
