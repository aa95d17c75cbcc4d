/* Strings: see text.h.
 *
 * Names of attributes cross by number. The cache is direct-mapped by the address of the str,
 * which it keeps alive; JavaScript keeps the text under the same number. When a number is
 * given to another name, the text goes along once and replaces the old one there. */
#include "text.h"

#include <stdlib.h>

static const char *const keywords[] = {
  "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
  "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
  "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
  "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield",
};

/* Longer keys are sent as text, which can fail. */
#define LONGEST_KEY 64

typedef struct {
  PyObject *name;
  PyObject *method;
} NameEntry;

static NameEntry names[ABI_NAME_CACHE_SIZE];

void
text_to_slot_borrow(PyObject *str, Slot *slot)
{
  uint8_t kind = PyUnicode_IS_ASCII(str) ? STR_ASCII : (uint8_t)PyUnicode_KIND(str);
  slot_set_string(slot, kind, PyUnicode_DATA(str), (uint32_t)PyUnicode_GET_LENGTH(str));
}

static PyObject *
from_ascii(const char *data, uint32_t length)
{
  if (length == 1) {
    return PyUnicode_FromOrdinal((unsigned char)*data);
  }
  PyObject *str = PyUnicode_New(length, 127);
  if (str != NULL) {
    memcpy(PyUnicode_DATA(str), data, length);
  }
  return str;
}

#define IS_HIGH(unit) (((unit) & 0xfc00) == 0xd800)
#define IS_LOW(unit) (((unit) & 0xfc00) == 0xdc00)

/* UTF-16 with lone surrogates kept. CPython's decoder would call an error handler for each. */
static PyObject *
from_utf16(const uint16_t *units, uint32_t length)
{
  uint32_t pairs = 0;
  for (uint32_t i = 0; i + 1 < length; i++) {
    if (IS_HIGH(units[i]) && IS_LOW(units[i + 1])) {
      pairs++;
      i++;
    }
  }
  if (pairs == 0) {
    return PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, units, length);
  }
  PyObject *str = PyUnicode_New(length - pairs, 0x10ffff);
  if (str == NULL) {
    return NULL;
  }
  Py_UCS4 *points = PyUnicode_4BYTE_DATA(str);
  for (uint32_t i = 0; i < length; i++) {
    if (i + 1 < length && IS_HIGH(units[i]) && IS_LOW(units[i + 1])) {
      *points++ = 0x10000 + ((units[i] & 0x3ffu) << 10 | (units[i + 1] & 0x3ffu));
      i++;
    } else {
      *points++ = units[i];
    }
  }
  return str;
}

PyObject *
text_from_slot_new(Slot *slot)
{
  const char *data = slot->address;
  PyObject *str = NULL;
  switch (slot->kind & ~STR_OWNED) {
    case STR_ASCII:
      str = from_ascii(data, slot->len);
      break;
    case STR_LATIN1:
      str = PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, data, slot->len);
      break;
    case STR_UTF16:
      str = from_utf16((const uint16_t *)slot->address, slot->len);
      break;
    case STR_UTF8:
      str = PyUnicode_DecodeUTF8(data, slot->len, NULL);
      break;
    default:
      PyErr_Format(PyExc_SystemError, "string slot of unknown kind %d", slot->kind);
  }
  if (slot->kind & STR_OWNED) {
    free(slot->address);
  }
  return str;
}

/* Length of the name without its trailing underscores, when it then is a keyword; else -1. */
static Py_ssize_t
keyword_length(PyObject *name)
{
  if (!PyUnicode_IS_ASCII(name)) {
    return -1;
  }
  const char *text = (const char *)PyUnicode_1BYTE_DATA(name);
  Py_ssize_t length = PyUnicode_GET_LENGTH(name);
  while (length > 0 && text[length - 1] == '_') {
    length--;
  }
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
    if (strlen(keywords[i]) == (size_t)length && memcmp(keywords[i], text, length) == 0) {
      return length;
    }
  }
  return -1;
}

int
text_is_mangled(PyObject *name)
{
  return keyword_length(name) >= 0;
}

/* Length of the name of a property, less the trailing underscore that a keyword has been given. */
static Py_ssize_t
property_length(PyObject *name)
{
  Py_ssize_t length = PyUnicode_GET_LENGTH(name);
  int mangled =
    length > 0 && PyUnicode_READ_CHAR(name, length - 1) == '_' && keyword_length(name) >= 0;
  return mangled ? length - 1 : length;
}

PyObject *
text_property_new(PyObject *name)
{
  return PyUnicode_Substring(name, 0, property_length(name));
}

static NameEntry *
entry_of(PyObject *name)
{
  uintptr_t address = (uintptr_t)name;
  return &names[(address >> 4 ^ address >> 14) & (ABI_NAME_CACHE_SIZE - 1)];
}

int
text_js_name(PyObject *name, JsName *out)
{
  NameEntry *entry = entry_of(name);
  out->id = (int32_t)(entry - names);
  if (entry->name == name) {
    out->slot = NULL;
    return 0;
  }
  Py_XSETREF(entry->name, Py_NewRef(name));
  Py_CLEAR(entry->method);
  text_to_slot_borrow(name, &out->storage);
  if (property_length(name) < PyUnicode_GET_LENGTH(name)) {
    out->storage.len--;
  }
  out->slot = &out->storage;
  return 0;
}

int
text_key_by_number(PyObject *key, Slot *slot, JsName *name)
{
  if (!PyUnicode_CheckExact(key) || !PyUnicode_CHECK_INTERNED(key)) {
    return 0;
  }
  /* As a property it might have another name. */
  Py_ssize_t length = PyUnicode_GET_LENGTH(key);
  if (length == 0 || length > LONGEST_KEY || PyUnicode_READ_CHAR(key, length - 1) == '_' ||
      text_js_name(key, name) < 0) {
    return 0;
  }
  *slot = (Slot){ .tag = TAG_NAME, .aux = (uint32_t)(uintptr_t)name->slot, .i32 = name->id };
  return 1;
}

void
text_js_name_unsent(const JsName *name)
{
  if (name->slot != NULL) {
    Py_CLEAR(names[name->id].name);
    Py_CLEAR(names[name->id].method);
  }
}

PyObject *
text_cached_method_borrow(PyObject *name)
{
  NameEntry *entry = entry_of(name);
  return entry->name == name ? entry->method : NULL;
}

void
text_cache_method(PyObject *name, PyObject *method)
{
  NameEntry *entry = entry_of(name);
  if (entry->name == name) {
    Py_XSETREF(entry->method, Py_NewRef(method));
  }
}

void
text_forget_names(void)
{
  for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
    Py_CLEAR(names[i].name);
    Py_CLEAR(names[i].method);
  }
}
