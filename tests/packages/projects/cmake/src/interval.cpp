#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <stdexcept>
#include <vector>

namespace py = pybind11;

struct Interval {
  double low, high;

  Interval(double low, double high) : low(low), high(high)
  {
    if (low > high) {
      throw std::domain_error("low is above high");
    }
  }
};

PYBIND11_MODULE(interval, module)
{
  py::class_<Interval>(module, "Interval")
    .def(py::init<double, double>())
    .def_readonly("low", &Interval::low)
    .def_readonly("high", &Interval::high)
    .def("__contains__",
         [](const Interval &self, double x) { return self.low <= x && x <= self.high; });
  module.def("split",
             [](const Interval &whole, int parts, const std::function<double(double)> &map) {
               std::vector<double> edges;
               for (int i = 0; i <= parts; i++) {
                 edges.push_back(map(whole.low + (whole.high - whole.low) * i / parts));
               }
               return edges;
             });
}
