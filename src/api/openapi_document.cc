#include "api/openapi_document.h"

// The assembler puts the file's bytes between two labels; the build names the file.
asm(R"(
.pushsection .rodata
.local batuta_openapi_begin
.local batuta_openapi_end
batuta_openapi_begin:
.incbin ")" BATUTA_OPENAPI_FILE R"("
batuta_openapi_end:
.byte 0
.popsection
)");

extern "C" const char batuta_openapi_begin[];
extern "C" const char batuta_openapi_end[];

namespace batuta::api {

std::string_view OpenApiDocument() {
  return {batuta_openapi_begin, static_cast<size_t>(batuta_openapi_end - batuta_openapi_begin)};
}

}  // namespace batuta::api
