"""Work for the published wheels of published.py to do, in Python."""

from __future__ import annotations

# What each does is known beforehand; the code ends with an expression that is True.
WORK = {
    "xxhash": """
import xxhash
h = xxhash.xxh3_128()
for _ in range(3):
    h.update(b"abc" * 1000)
(
    xxhash.xxh32_hexdigest(b"abc") == "32d153ff"
    and xxhash.xxh64_hexdigest(b"abc") == "44bc2cf5ad770999"
    and h.digest() == xxhash.xxh3_128_digest(b"abc" * 3000)
)
""",
    "msgpack": """
import datetime, msgpack
from msgpack import _cmsgpack
value = {"a": [1, -2.5, None, True, b"raw", 2**63], "ü": {"nested": list(range(1000))}}
packed = msgpack.packb(value)
now = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)
unpacker = msgpack.Unpacker()
for i in range(0, len(packed), 7):
    unpacker.feed(packed[i:i + 7])
try:
    msgpack.unpackb(packed[:-1])
except ValueError:
    cut = True
(
    msgpack.unpackb(packed) == value == next(unpacker) and cut
    and msgpack.unpackb(msgpack.packb(now, datetime=True), timestamp=3) == now
    and msgpack.Packer is _cmsgpack.Packer
)
""",
    "simplejson": """
import decimal, simplejson
from simplejson import _speedups
text = simplejson.dumps({"a": [1, 2.5, "ü\\u2028", None], "d": decimal.Decimal("1.10")}, use_decimal=True)
try:
    simplejson.loads('{"a": ')
except simplejson.JSONDecodeError as error:
    place = error.pos
(
    text == '{"a": [1, 2.5, "\\\\u00fc\\\\u2028", null], "d": 1.10}'
    and simplejson.loads(text, use_decimal=True)["d"] == decimal.Decimal("1.10")
    and place == 6 and simplejson.encoder.c_make_encoder is _speedups.make_encoder
)
""",
    "bitarray": """
import pickle
from bitarray import bitarray, util
a = bitarray("1011") * 1000
b = ~a
b[::2] = 1
(
    a.count() == 3000 and util.ba2int(bitarray("1011")) == 11
    and util.sc_decode(iter(util.sc_encode(a))) == a
    and (a | ~a).all() and list(a.search(bitarray("01110")))[:2] == [1, 5]
    and pickle.loads(pickle.dumps(b)) == b and util.count_xor(a, b) > 0
)
""",
    "apsw": """
import apsw, os
db = apsw.Connection(":memory:")
db.create_scalar_function("thrice", lambda x: 3 * x)
db.execute("create table t(a, b); insert into t values(1, 'one'), (2, 'two')")
rows = list(db.execute("select thrice(a), b from t order by a desc"))
try:
    db.execute("select no_column from t")
except apsw.SQLError as error:
    message = str(error)
def raising(x):
    raise KeyError("mine")
db.create_scalar_function("raising", raising)
try:
    list(db.execute("select raising(1)"))
except KeyError as error:
    kept = error.args
for path in ("/tmp/test.db",):
    with apsw.Connection(path) as file:
        file.execute("create table k(v); insert into k values(?)", (b"blob",))
    file.close()
    again = apsw.Connection(path, apsw.SQLITE_OPEN_READONLY)
    stored = list(again.execute("select v from k"))
    again.close()
    os.remove(path)
(
    rows == [(6, "two"), (3, "one")] and "no such column: no_column" in message
    and kept == ("mine",) and stored == [(b"blob",)] and apsw.sqlite_lib_version() >= "3.54"
)
""",
    "cramjam": """
import cramjam
data = bytes(range(256)) * 100
codecs = (cramjam.snappy, cramjam.brotli, cramjam.gzip, cramjam.lz4, cramjam.zstd, cramjam.bzip2, cramjam.deflate, cramjam.zlib, cramjam.xz)
sizes = []
for codec in codecs:
    packed = codec.compress(data)
    sizes.append(len(packed))
    assert bytes(codec.decompress(packed)) == data, codec
try:
    cramjam.zstd.decompress(b"not compressed")
except cramjam.DecompressionError:
    refused = True
try:
    cramjam.gzip.compress(5)
except TypeError:
    typed = True
import gzip, bz2
(
    refused and typed and max(sizes) < len(data)
    and gzip.decompress(bytes(cramjam.gzip.compress(data))) == data
    and bytes(cramjam.bzip2.decompress(bz2.compress(data))) == data
)
""",
    "contourpy": """
import numpy as np
from contourpy import LineType, contour_generator
y, x = np.mgrid[-2:2:41j, -2:2:41j]
z = np.hypot(x, y)
near = []
for name in ("serial", "threaded", "mpl2005", "mpl2014"):
    # The older algorithms give the lines, and codes beside them.
    made = contour_generator(x, y, z, name=name)
    lines = made.lines(1.0) if made.line_type == LineType.Separate else made.lines(1.0)[0]
    near.append(len(lines) == 1 and abs(np.hypot(*lines[0].T) - 1).max() < 0.01)
points, offsets = contour_generator(x, y, z).filled(0.5, 1.5)
messages = []
for wrong in (lambda: contour_generator(x, y, z[:3]), lambda: contour_generator(z=z, name="none")):
    try:
        wrong()
    except (TypeError, ValueError) as error:
        messages.append(str(error))
(
    all(near) and len(points) == 1 and offsets[0].tolist() == [0, 125, 170]
    and messages == ["Shapes of x (41, 41) and z (3, 41) do not match", "Unrecognised contour generator name: none"]
)
""",
    "boost-histogram": """
import pickle
import boost_histogram as bh
import numpy as np
h = bh.Histogram(bh.axis.Regular(4, 0, 1), bh.axis.StrCategory([], growth=True), storage=bh.storage.Weight())
h.fill(np.array([0.1, 0.2, 0.6, 0.9, 1.5]), np.array(["a", "b", "a", "a", "b"]), weight=np.array([1, 2, 3, 4, 5.0]))
messages = []
for wrong in (lambda: bh.axis.Regular(0, 0, 1), lambda: bh.axis.Variable([2, 1]), lambda: h.fill([1], [2], [3])):
    try:
        wrong()
    except ValueError as error:
        messages.append(str(error))
(
    h.values().tolist() == [[1, 2], [0, 0], [3, 0], [4, 0]] and h.sum(flow=True).variance == 55
    and list(h.axes[1]) == ["a", "b"] and h[{0: bh.loc(0.6)}].values().tolist() == [3, 0]
    and h[:: bh.rebin(2), :].values().tolist() == [[1, 2], [7, 0]]
    and pickle.loads(pickle.dumps(h)) == h != h + h
    and messages == ["bins > 0 required", "input sequence must be strictly ascending", "Wrong number of args"]
)
""",
    # It needs a library by rpath, in which C++ exceptions begin, and kernels through ctypes.
    "awkward-cpp": """
import awkward as ak
import numpy as np
from awkward.forth import ForthMachine64
a = ak.Array([[1.5, 2.5, 3.5], [], [4.5, 5.5]])
machine = ForthMachine64(": square dup * ; 3 square 4 square + 0 do i loop")
machine.run()
builder = ak.ArrayBuilder()
builder.begin_list()
builder.end_list()
messages = []
for wrong in (
    lambda: a[5], lambda: ak.from_json("[1,"), lambda: a + ak.Array([[1], [2], [3]]),
    lambda: ForthMachine64("no_such_word"), builder.end_list,
):
    try:
        wrong()
    except (IndexError, ValueError) as error:
        messages.append(str(error))
expected = ["cannot slice ListOffsetArray (of length 3) with 5", "JSON syntax error at char 3", "cannot broadcast nested list"]
expected += ["no_such_word", "end_list"]
(
    ak.sum(a, axis=1).to_list() == [7.5, 0, 10] and ak.sort(a, ascending=False).to_list()[2] == [5.5, 4.5]
    and ak.combinations(a, 2).to_list() == [[(1.5, 2.5), (1.5, 3.5), (2.5, 3.5)], [], [(4.5, 5.5)]]
    and ak.from_json('[{"x": 1, "y": [1, 2]}, {"x": 2, "y": []}]').y.to_list() == [[1, 2], []]
    and ak.flatten(a).to_numpy().tolist() == [1.5, 2.5, 3.5, 4.5, 5.5]
    and a[ak.num(a) > 0, 0].to_list() == [1.5, 4.5] and ak.from_numpy(np.eye(2)).to_list() == [[1, 0], [0, 1]]
    and machine.stack == list(range(25)) and all(e in m for e, m in zip(expected, messages, strict=True))
)
""",
    # Rust, for this very version of Python; arrow tables.
    "arro3-core": """
import arro3.core as ac
import numpy as np
text = ac.Array(["x", "y", None, "z", "w"], type=ac.DataType.string())
table = ac.Table.from_pydict({"a": ac.Array(np.arange(5, dtype="i8")), "b": text})
numbers = ac.Array([1, 2, None], type=ac.DataType.int64())
messages = []
for wrong in (lambda: ac.Array(["x"], type=ac.DataType.int64()), lambda: table.column("nope")):
    try:
        wrong()
    except (TypeError, KeyError) as error:
        messages.append(str(error))
(
    table.num_rows == 5 and table.column("a").to_numpy().tolist() == [0, 1, 2, 3, 4]
    and table["b"].to_pylist() == ["x", "y", None, "z", "w"] and numbers.null_count == 1
    and numbers.slice(1, 2).to_pylist() == [2, None]
    and numbers.cast(ac.DataType.float64()).to_pylist() == [1.0, 2.0, None]
    and "cannot be interpreted as an integer" in messages[0] and "nope" in messages[1]
)
""",
    # Rust, for the stable ABI of Python 3.9.
    "fastquadtree": """
from fastquadtree import QuadTree
tree = QuadTree((0, 0, 100, 100), 4)
for x in range(0, 100, 10):
    for y in range(0, 100, 10):
        tree.insert((x, y))
try:
    tree.insert((1000, 0))
except ValueError as error:
    outside = str(error)
(
    sorted(tree.query((5, 5, 25, 25))) == [(11, 10, 10), (12, 10, 20), (21, 20, 10), (22, 20, 20)]
    and tree.nearest_neighbor((51, 52)) == (55, 50, 50) and "outside bounds" in outside
    and len(QuadTree.from_bytes(tree.to_bytes())) == 100
)
""",
    # What mypyc's modules are compiled against: nine modules with capsules.
    "librt": """
import base64
from librt import random, strings, vecs
from librt.base64 import b64decode, b64encode
from mypy_extensions import i64
writer = strings.BytesWriter()
writer.write(b"ab")
strings.write_i32_be(writer, -2)
strings.write_f64_le(writer, 1.5)
packed = writer.getvalue()
numbers = vecs.append(vecs.vec[i64]([3, 1, 2]), 4)
messages = []
for wrong in (
    lambda: b64decode(b"a"), lambda: strings.read_i32_be(packed, 13), lambda: vecs.vec[int],
    lambda: numbers[9], lambda: vecs.vec[i64](["x"]),
):
    try:
        wrong()
    except (IndexError, TypeError, ValueError) as error:
        messages.append(type(error).__name__)
(
    b64encode(packed) == base64.b64encode(packed) and strings.read_i32_be(packed, 2) == -2
    and strings.read_f64_le(packed, 6) == 1.5 and list(numbers) == [3, 1, 2, 4]
    and random.Random(7).random() == random.Random(7).random()
    and messages == ["ValueError", "IndexError", "ValueError", "IndexError", "TypeError"]
)
""",
    # C++ 20 with pybind11: files of measurements.
    "pycdfpp": """
import numpy as np
import pycdfpp
made = pycdfpp.CDF()
made.add_variable("field", values=np.arange(12.0).reshape(3, 4), attributes={"units": "nT"})
times = np.array(["2024-02-28T12:00:00.5", "2024-03-01"], dtype="M8[ns]")
made.add_variable("time", values=times, compression=pycdfpp.CompressionType.gzip_compression)
data = bytes(pycdfpp.save(made))
again = pycdfpp.load(data)
try:
    pycdfpp.load(b"nothing")
except ValueError as error:
    cut = str(error)
(
    again["field"].values.tolist() == np.arange(12.0).reshape(3, 4).tolist()
    and again["field"].attributes["units"].value == "nT"
    and (pycdfpp.to_datetime64(again["time"]) == times).all() and "does not hold a valid CDF" in cut
)
""",
    # C and C++ with SWIG, for the stable ABI: libraries of 28 and 9 MB that need each other.
    "pymupdf": """
import pymupdf
document = pymupdf.open()
page = document.new_page(width=200, height=100)
page.insert_text((20, 50), "Hello, wasm", fontsize=20)
page.draw_rect((0, 0, 10, 10), fill=(1, 0, 0))
again = pymupdf.open(stream=document.tobytes())
(place,) = again[0].search_for("wasm")
picture = again[0].get_pixmap()
pymupdf.TOOLS.mupdf_display_errors(False)
try:
    pymupdf.open(stream=b"nothing", filetype="pdf")
except pymupdf.FileDataError as error:
    refused = str(error)
(
    again[0].get_text() == "Hello, wasm\\n" and 70 < place.x0 < 80 and (picture.width, picture.height) == (200, 100)
    and picture.pixel(5, 5) == (255, 0, 0) and picture.pixel(150, 90) == (255, 255, 255)
    and picture.tobytes("png")[1:4] == b"PNG" and refused == "Failed to open stream"
)
""",
    # C++ with Cython, for the stable ABI; C++ calls Python for every glyph.
    "uharfbuzz": """
import uharfbuzz as hb
functions = hb.FontFuncs()
functions.set_nominal_glyph_func(lambda font, character, data: {"a": 1, "b": 2}.get(chr(character), 0), None)
functions.set_glyph_h_advance_func(lambda font, glyph, data: 100 * glyph, None)
font = hb.Font(hb.Face(b""))
font.funcs = functions
buffer = hb.Buffer()
buffer.add_str("abba")
buffer.guess_segment_properties()
hb.shape(font, buffer)
(
    [info.codepoint for info in buffer.glyph_infos] == [1, 2, 2, 1]
    and [place.x_advance for place in buffer.glyph_positions] == [100, 200, 200, 100]
    and (buffer.script, buffer.direction) == ("Latn", "ltr") and hb.version_string() >= "15"
)
""",
}
