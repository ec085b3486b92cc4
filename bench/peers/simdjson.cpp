// Reads orders with simdjson's on-demand API and writes customers.json and
// items.json: the yardstick.
//
//   simdjson INPUT OUTDIR
//
// THREADS is how many threads read an input that has an order a line (2 if not
// said); an array is read by one, as on-demand reads one document with one.
//
// The whole input lies in memory, so that values are views of it and are copied only
// where they have escapes.

#include <simdjson.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace simdjson;
using std::string_view;

// batchBytes is how much of the lines simdjson indexes at a time: what a core's own
// cache holds, and the best of the sizes tried.
constexpr size_t batchBytes = 1 << 20;

// Memory of some size comes in huge pages: otherwise the kernel's handing out of
// small ones takes a good part of the run.
constexpr size_t hugePage = size_t(2) << 20;

void *operator new(size_t size) {
  void *p = size < 2 * hugePage ? std::malloc(size) : std::aligned_alloc(hugePage, (size + hugePage - 1) / hugePage * hugePage);
  if (!p) throw std::bad_alloc();
  if (size >= 2 * hugePage) madvise(p, size, MADV_HUGEPAGE);
  return p;
}
void operator delete(void *p) noexcept { std::free(p); }
void operator delete(void *p, size_t) noexcept { std::free(p); }

// Input is a whole file in memory, with bytes behind it that simdjson may read.
struct Input {
  const char *data;
  size_t size;

  explicit Input(const char *name) {
    struct stat info;
    int file = open(name, O_RDONLY);
    if (file < 0 || fstat(file, &info) != 0) throw std::runtime_error("cannot open the input");
    size = size_t(info.st_size);
    // The file is mapped over the begin of a region that is longer than it: faster
    // than reading it, as nothing is copied.
    void *region = mmap(nullptr, size + SIMDJSON_PADDING, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (region == MAP_FAILED) throw std::runtime_error("no room for the input");
    if (size && mmap(region, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED)
      throw std::runtime_error("cannot map the input");
    close(file);
    data = static_cast<const char *>(region);
  }
};

// Table finds entries by a text: open addressing over entries in a row.
template <typename Entry> class Table {
  struct Slot {
    uint32_t hash, index; // index is that of the entry + 1
  };
  std::vector<Slot> slots = std::vector<Slot>(1024);

  // hash takes 16 bytes a step, as the fast public hashes for short texts do.
  static uint64_t hash(string_view s) {
    const char *p = s.data();
    size_t n = s.size();
    uint64_t h = n * 0x9e3779b97f4a7c15;
    for (; n > 16; p += 16, n -= 16) h = mix(load(p, 8) ^ h, load(p + 8, 8) ^ 0xe7037ed1a0b428db);
    uint64_t a, b;
    if (n >= 8) a = load(p, 8), b = load(p + n - 8, 8);
    else if (n >= 4) a = load(p, 4), b = load(p + n - 4, 4);
    else a = n ? uint64_t(uint8_t(p[0])) << 16 | uint64_t(uint8_t(p[n / 2])) << 8 | uint8_t(p[n - 1]) : 0, b = 0;
    return mix(a ^ 0x8ebc6af09c88c6e3, b ^ h);
  }
  static uint64_t load(const char *p, size_t n) {
    uint64_t x = 0;
    std::memcpy(&x, p, n);
    return x;
  }
  static uint64_t mix(uint64_t a, uint64_t b) {
    __uint128_t product = __uint128_t(a) * b;
    return uint64_t(product) ^ uint64_t(product >> 64);
  }
  void grow() {
    std::vector<Slot> old(slots.size() * 2);
    old.swap(slots);
    size_t mask = slots.size() - 1;
    for (Slot s : old) {
      if (!s.index) continue;
      size_t i = s.hash & mask;
      while (slots[i].index) i = (i + 1) & mask;
      slots[i] = s;
    }
  }

public:
  std::vector<Entry> entries;

  // find gives the entry of the key, which is new if there was none.
  Entry &find(string_view key) {
    uint32_t h = uint32_t(hash(key));
    size_t mask = slots.size() - 1;
    for (size_t i = h & mask;; i = (i + 1) & mask) {
      Slot &s = slots[i];
      if (!s.index) {
        entries.push_back(Entry{std::string(key)});
        s = Slot{h, uint32_t(entries.size())};
        if (entries.size() * 2 > slots.size()) grow();
        return entries.back();
      }
      if (s.hash == h && entries[s.index - 1].key == key) return entries[s.index - 1];
    }
  }
};

// A key is a string of its own, which holds a phone within itself: keys that were
// views of the input would cost a miss of the cache for every lookup.
struct Customer {
  std::string key;
  string_view name = {};
};
struct Item {
  std::string key;
  string_view price = {};
  uint64_t orders = 0;
};

// Records are what the orders of one thread come to.
struct Records {
  Table<Customer> customers;
  Table<Item> items;
  std::deque<std::string> unescaped; // the texts that are not in the input as they are

  // text gives a string's value: a view of the input, or of a copy.
  string_view text(ondemand::value value) {
    string_view token = value.raw_json_token();
    size_t end = token.rfind('"');
    if (token[0] == '"' && end > 0) {
      string_view inside = token.substr(1, end - 1);
      if (inside.find('\\') == string_view::npos) return inside;
    }
    return unescaped.emplace_back(string_view(value.get_string()));
  }

  void fold(ondemand::object order) {
    string_view phone, name;
    for (auto field : order) {
      ondemand::raw_json_string key = field.key();
      if (key == "name") {
        ondemand::value value = field.value();
        if (!value.is_null()) name = text(value);
      } else if (key == "phone") {
        phone = text(field.value());
      } else if (key == "items") {
        for (ondemand::object line : field.value().get_array()) foldLine(line);
      }
    }
    if (!phone.data()) throw std::runtime_error("an order without a phone");
    Customer &c = customers.find(phone);
    if (!name.empty()) c.name = name;
  }

  void foldLine(ondemand::object line) {
    string_view name, price;
    for (auto field : line) {
      ondemand::raw_json_string key = field.key();
      if (key == "name") name = text(field.value());
      else if (key == "price") price = number(field.value());
    }
    if (!name.data() || !price.data()) throw std::runtime_error("a line without a name or a price");
    Item &item = items.find(name);
    item.price = price;
    item.orders++;
  }

  // number gives a number as it is written.
  static string_view number(ondemand::value value) {
    string_view token = value.raw_json_token();
    while (!token.empty() && uint8_t(token.back()) <= ' ') token.remove_suffix(1);
    return token;
  }

  // append adds the records of what came later.
  void append(const Records &later) {
    for (const Customer &l : later.customers.entries) {
      Customer &c = customers.find(l.key);
      if (!l.name.empty()) c.name = l.name;
    }
    for (const Item &l : later.items.entries) {
      Item &i = items.find(l.key);
      i.price = l.price;
      i.orders += l.orders;
    }
  }
};

// Output is a file that is written in big pieces.
class Output {
  FILE *file;
  std::string buffer;

public:
  explicit Output(const std::string &name) : file(std::fopen(name.c_str(), "wb")) {
    if (!file) throw std::runtime_error("cannot create an output");
    buffer.reserve(1 << 20);
  }
  ~Output() noexcept(false) {
    flush();
    if (std::fclose(file) != 0) throw std::runtime_error("cannot write an output");
  }
  void flush() {
    if (std::fwrite(buffer.data(), 1, buffer.size(), file) != buffer.size())
      throw std::runtime_error("cannot write an output");
    buffer.clear();
  }
  Output &operator<<(string_view s) {
    buffer += s;
    if (buffer.size() > (1 << 20) - 4096) flush();
    return *this;
  }
  void quoted(string_view s) {
    buffer += '"';
    for (char c : s) {
      if (c == '"' || c == '\\') buffer += '\\', buffer += c;
      else if (uint8_t(c) >= ' ') buffer += c;
      else {
        char escape[8];
        buffer.append(escape, size_t(std::snprintf(escape, sizeof escape, "\\u%04x", unsigned(c))));
      }
    }
    *this << "\"";
  }
};

void write(const Records &r, const std::string &folder) {
  Output customers(folder + "/customers.json");
  const char *before = "{\n    ";
  for (const Customer &c : r.customers.entries) {
    customers << before;
    customers.quoted(c.key);
    customers << ": ";
    customers.quoted(c.name.empty() ? "Unknown" : c.name);
    before = ",\n    ";
  }
  customers << "\n}\n";
  Output items(folder + "/items.json");
  before = "{\n    ";
  for (const Item &i : r.items.entries) {
    items << before;
    items.quoted(i.key);
    items << ": {\n        \"price\": " << i.price << ",\n        \"orders\": " << std::to_string(i.orders) << "\n    }";
    before = ",\n    ";
  }
  items << "\n}\n";
}

// readLines folds the orders of a text that has an order a line.
void readLines(const char *text, size_t size, Records &r) {
  ondemand::parser parser;
  parser.threaded = false; // the other cores have work of their own
  ondemand::document_stream orders = parser.iterate_many(text, size, batchBytes);
  for (auto order : orders) r.fold(order.get_object());
  if (orders.truncated_bytes()) throw std::runtime_error("the input is cut off");
}

// readAllLines gives each thread a part of the input that ends with a line.
void readAllLines(const Input &in, std::vector<Records> &parts) {
  std::vector<std::exception_ptr> failures(parts.size());
  std::vector<std::thread> threads;
  string_view text(in.data, in.size);
  for (size_t i = 0, from = 0; i < parts.size(); i++) {
    size_t end = text.find('\n', in.size / parts.size() * (i + 1));
    end = i + 1 == parts.size() || end == string_view::npos ? in.size : end + 1;
    threads.emplace_back([&, i, from, end] {
      try {
        readLines(in.data + from, end - from, parts[i]);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
    from = end;
  }
  for (auto &t : threads) t.join();
  for (auto &f : failures)
    if (f) std::rethrow_exception(f);
}

void readArray(const Input &in, Records &r) {
  ondemand::parser parser;
  ondemand::document orders = parser.iterate(in.data, in.size, in.size + SIMDJSON_PADDING);
  for (ondemand::object order : orders.get_array()) r.fold(order);
}

int main(int count, char **arguments) try {
  if (count == 2 && string_view(arguments[1]) == "--version") {
    std::printf("%s\n", SIMDJSON_STRINGIFY(SIMDJSON_VERSION));
    return 0;
  }
  if (count != 3) {
    std::fprintf(stderr, "usage: simdjson INPUT OUTDIR\n");
    return 2;
  }
  const char *threads = std::getenv("THREADS");
  std::vector<Records> parts(threads ? size_t(std::atoi(threads)) : 2);
  const Input in(arguments[1]);
  if (in.size && in.data[0] == '[') readArray(in, parts[0]);
  else readAllLines(in, parts);
  for (size_t i = 1; i < parts.size(); i++) parts[0].append(parts[i]);
  write(parts[0], arguments[2]);
  std::fflush(nullptr);
  _exit(0); // the memory goes back faster without being taken apart
} catch (const std::exception &e) {
  std::fprintf(stderr, "simdjson: %s\n", e.what());
  return 1;
}
