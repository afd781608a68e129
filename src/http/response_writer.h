// Writes answers in the wire format, with the headers that every answer of the hub carries:
// X-Content-Type-Options, Referrer-Policy and, unless set, Cache-Control: no-store.
//
// Appends to a buffer; touches no socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.h"

namespace batuta::http {

// How the answer relates to its request and its connection.
struct AnswerForm {
  Method asked = Method::kGet;  // HEAD gets no body
  bool http_1_0 = false;        // gets no chunks: a stream ends with the connection
  bool close = false;
};

bool AllowsBody(Status status);

// The whole answer, or only its head if it has a stream.
void WriteResponse(const Response& response, AnswerForm form, std::string* out);

// One chunk of a stream. Requires: the data is not empty.
void WriteChunk(std::string_view data, std::string* out);
void WriteLastChunk(std::string* out);

}  // namespace batuta::http
