// What the programs of the hub ask of jemalloc, the allocator that they are linked with.
//
// Memory that was freed goes back to the system a second later, on a thread of the allocator's: the
// resident memory of the process is what it uses, and no request pays for giving it back.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
