// Tells ThreadSanitizer to leave RocksDB alone.
//
// The distribution's RocksDB is not compiled with ThreadSanitizer, which sees the copies and
// comparisons of keys in a memtable, but not the atomics that order them: a Get beside a Write of
// the same table would be told as a race. Only tests of the tsan preset link this.
extern "C" const char* __tsan_default_suppressions();
const char* __tsan_default_suppressions() { return "race:librocksdb.so\n"; }
