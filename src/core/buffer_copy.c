/* Copies of Python buffers for JavaScript: see buffer_copy.h. */
#include "buffer_copy.h"

#include "errors.h"

/* Bytes of one item of a format; 0 for formats that JavaScript has no array for. The native and
 * the standard sizes are the same on this machine. */
static Py_ssize_t
item_size(char letter)
{
  switch (letter) {
    case 'b':
    case 'B':
    case 'c':
    case 'p':
    case 's':
    case '?':
      return 1;
    case 'h':
    case 'H':
    case 'e':
      return 2;
    case 'i':
    case 'I':
    case 'l':
    case 'L':
    case 'n':
    case 'N':
    case 'P':
    case 'f':
      return 4;
    case 'q':
    case 'Q':
    case 'd':
      return 8;
    default:
      return 0;
  }
}

/* Take the format apart. Returns 0, or -1 with an error set. */
static int
read_format(BufferCopy *copy)
{
  const char *format = copy->view.format ? copy->view.format : "B";
  size_t length = strlen(format);
  if (length > 2) {
    PyErr_Format(ConversionError, "Expected format string to have length <= 2, got '%s'", format);
    return -1;
  }
  char order = length == 2 ? format[0] : '@';
  copy->format = length == 0 ? 'B' : format[length - 1];
  copy->swap = order == '>' || order == '!';
  if (strchr("@=<>!", order) == NULL) {
    PyErr_Format(ConversionError, "Unrecognized alignment character %c.", order);
    return -1;
  }
  Py_ssize_t size = item_size(copy->format);
  if (size == 0) {
    PyErr_Format(ConversionError, "Unrecognized format character '%c'.", copy->format);
    return -1;
  }
  if (size != copy->view.itemsize) {
    PyErr_Format(ConversionError, "A buffer of format '%s' has items of %zd bytes instead of %zd",
                 format, copy->view.itemsize, size);
    return -1;
  }
  return 0;
}

static uint32_t
padded(uint64_t bytes)
{
  return (uint32_t)((bytes + sizeof(Slot) - 1) & ~(uint64_t)(sizeof(Slot) - 1));
}

/* Whether the memory stays as it is when the buffer has been given back, as long as no Python code
 * runs. */
static int
stays(PyObject *obj, const BufferCopy *copy)
{
  int known = PyByteArray_CheckExact(obj) || PyBytes_CheckExact(obj) || PyMemoryView_Check(obj);
  return known && !copy->swap && copy->view.len > 0 && PyBuffer_IsContiguous(&copy->view, 'C');
}

int
buffer_copy_begin(PyObject *obj, int may_borrow, BufferCopy *copy)
{
  if (PyObject_GetBuffer(obj, &copy->view, PyBUF_FULL_RO) < 0) {
    return -1;
  }
  if (read_format(copy) < 0) {
    PyBuffer_Release(&copy->view);
    return -1;
  }
  copy->borrowed = may_borrow && stays(obj, copy);
  copy->bytes = padded((uint64_t)copy->view.ndim * 4) +
                (copy->borrowed ? sizeof(Slot) : padded((uint64_t)copy->view.len));
  return 0;
}

static void
swap_items(uint8_t *data, Py_ssize_t bytes, Py_ssize_t size)
{
  for (Py_ssize_t at = 0; at < bytes; at += size) {
    for (Py_ssize_t low = at, high = at + size - 1; low < high; low++, high--) {
      uint8_t byte = data[low];
      data[low] = data[high];
      data[high] = byte;
    }
  }
}

int
buffer_copy_write(const BufferCopy *copy, Slot *head)
{
  const Py_buffer *view = &copy->view;
  uint32_t *shape = (uint32_t *)(head + 1);
  uint8_t *items = (uint8_t *)shape + padded((uint64_t)view->ndim * 4);
  *head = (Slot){
    .tag = TAG_NDARRAY,
    .kind = (uint8_t)copy->format,
    .code = (uint16_t)(view->ndim | (copy->borrowed ? 0x8000 : 0)),
    .aux = copy->bytes,
    .len = (uint32_t)view->len,
  };
  for (int i = 0; i < view->ndim; i++) {
    shape[i] = (uint32_t)view->shape[i];
  }
  if (copy->borrowed) {
    *(void **)items = view->buf;
    return 0;
  }
  if (view->len > 0 && PyBuffer_ToContiguous(items, view, view->len, 'C') < 0) {
    return -1;
  }
  if (copy->swap) {
    swap_items(items, view->len, view->itemsize);
  }
  return 0;
}

void
buffer_copy_end(BufferCopy *copy)
{
  PyBuffer_Release(&copy->view);
}
