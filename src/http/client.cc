#include "http/client.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "http/chunk_decoder.h"
#include "http/head_parser.h"
#include "http/monotonic.h"
#include "http/socket.h"

namespace batuta::http {
namespace {

constexpr size_t kReadSize = 64 << 10;
constexpr size_t kHeadMax = 64 << 10;
constexpr Status kFirstUnsuccessful = static_cast<Status>(300);
constexpr char kCutShort[] = "the answer was cut short";

bool MayBeRepeated(Method method) { return method != Method::kPost && method != Method::kPatch; }

bool HasOwnBody(const ClientRequest& request) {
  return !request.body.empty() || !MayBeRepeated(request.method) || request.method == Method::kPut;
}

struct Address {
  std::string host;  // without the brackets of IPv6
  std::string port;
};

absl::StatusOr<Address> ParseBaseUrl(std::string_view url) {
  const absl::Status bad =
      absl::InvalidArgumentError(base::StrCat("want http://host or http://host:port, not ", url));
  std::string_view rest = url;
  if (!rest.starts_with("http://")) return bad;
  rest.remove_prefix(7);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const size_t bracket = rest.rfind(']');
  const size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  Address address{std::string(rest.substr(0, colon)), "80"};
  if (colon != std::string_view::npos) {
    uint16_t port = 0;
    const char* end = rest.data() + rest.size();
    const auto [stop, error] = std::from_chars(rest.data() + colon + 1, end, port);
    if (error != std::errc() || stop != end || port == 0) return bad;
    address.port = base::StrCat(port);
  }
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host.empty() || address.host.find_first_of("/@?#[] ") != std::string::npos)
    return bad;
  return address;
}

}  // namespace

struct Client::Impl {
  absl::StatusOr<Response> Run(const ClientRequest& request, const PieceSink* on_piece);
  absl::StatusOr<Response> Exchange(const ClientRequest& request, const PieceSink* on_piece);
  std::string Write(const ClientRequest& request) const;
  absl::StatusOr<ParsedResponse> ReadHead(Method asked);
  absl::Status ReadBody(ParsedResponse* parsed, const PieceSink* on_piece);
  absl::StatusOr<bool> TakeBody(ParsedResponse* parsed, const PieceSink* on_piece);
  absl::StatusOr<size_t> Fill();

  Address address;
  ClientOptions options;
  Socket socket;
  std::string in;  // received, not used yet

  // Of the exchange under way.
  base::Duration deadline;
  uint64_t body_size = 0;
  ChunkDecoder chunks;
  bool sink_done = false;
};

absl::StatusOr<Client> Client::Create(std::string_view base_url, ClientOptions options) {
  BATUTA_ASSIGN_OR_RETURN(Address address, ParseBaseUrl(base_url));
  auto impl = std::make_unique<Impl>();
  impl->address = std::move(address);
  impl->options = options;
  return Client(std::move(impl));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

void Client::Close() { impl_->socket.Close(); }

absl::StatusOr<Response> Client::Send(const ClientRequest& request) {
  return impl_->Run(request, nullptr);
}

absl::StatusOr<Response> Client::Stream(const ClientRequest& request, const PieceSink& on_piece) {
  return impl_->Run(request, &on_piece);
}

absl::StatusOr<Response> Client::Impl::Run(const ClientRequest& request,
                                           const PieceSink* on_piece) {
  if (socket.IsOpen() && (!in.empty() || !socket.IsQuiet())) socket.Close();
  const bool kept = socket.IsOpen();
  absl::StatusOr<Response> response = Exchange(request, on_piece);
  const bool closed_on_us =
      kept && absl::IsUnavailable(response.status()) && in.empty() && body_size == 0;
  if (closed_on_us && MayBeRepeated(request.method)) response = Exchange(request, on_piece);
  return response;
}

absl::StatusOr<Response> Client::Impl::Exchange(const ClientRequest& request,
                                                const PieceSink* on_piece) {
  body_size = 0;
  chunks = ChunkDecoder();
  sink_done = false;
  if (!socket.IsOpen()) {
    in.clear();
    BATUTA_ASSIGN_OR_RETURN(socket,
                            Socket::Connect(address.host, address.port, options.connect_timeout));
  }
  deadline = base::Micros(MonotonicNow().micros + options.timeout.micros);
  // A server that refuses may answer and close before it has read everything: look for its answer
  // anyway.
  const absl::Status sent = socket.Write(Write(request), deadline);
  absl::StatusOr<ParsedResponse> parsed = ReadHead(request.method);
  const bool is_success = parsed.ok() && parsed->response.status < kFirstUnsuccessful;
  absl::Status status =
      parsed.ok() ? ReadBody(&*parsed, is_success ? on_piece : nullptr) : parsed.status();
  if (!status.ok() && !sent.ok()) status = sent;
  if (!status.ok() || !parsed->keep_alive || sink_done) socket.Close();
  if (!status.ok()) return status;
  return std::move(parsed->response);
}

std::string Client::Impl::Write(const ClientRequest& request) const {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  std::string out = base::StrCat(MethodName(request.method), " ", request.target, " HTTP/1.1\r\n",
                                 "Host: ", ipv6 ? "[" : "", address.host, ipv6 ? "]" : "", ":",
                                 address.port, "\r\n");
  for (size_t i = 0; i < request.headers.size(); ++i) {
    out.append(request.headers.name(i))
        .append(": ")
        .append(request.headers.value(i))
        .append("\r\n");
  }
  if (HasOwnBody(request)) out += base::StrCat("Content-Length: ", request.body.size(), "\r\n");
  return out.append("\r\n").append(request.body);
}

absl::StatusOr<ParsedResponse> Client::Impl::ReadHead(Method asked) {
  for (HeadScanner scanner;;) {
    const HeadScanner::State state = scanner.Scan(in);
    if (state == HeadScanner::State::kBad) return absl::DataLossError("the answer is malformed");
    if (state == HeadScanner::State::kComplete) {
      ParsedResponse parsed;
      const std::string_view head = std::string_view(in).substr(0, scanner.size());
      const HeadProblem problem = HeadParser::ParseResponse(head, asked, &parsed);
      if (problem.status != Status::kOk) return absl::DataLossError(base::AbslView(problem.detail));
      in.erase(0, scanner.size());
      if (parsed.response.status >= Status::kOk) return parsed;
      scanner = HeadScanner();  // an interim answer, such as 100
      continue;
    }
    if (in.size() > kHeadMax) return absl::ResourceExhaustedError("the answer's head is too large");
    BATUTA_ASSIGN_OR_RETURN(const size_t got, Fill());
    if (got > 0) continue;
    if (in.empty()) return absl::UnavailableError("the server closed the connection");
    return absl::DataLossError(kCutShort);
  }
}

absl::Status Client::Impl::ReadBody(ParsedResponse* parsed, const PieceSink* on_piece) {
  for (;;) {
    BATUTA_ASSIGN_OR_RETURN(const bool complete, TakeBody(parsed, on_piece));
    if (complete) return absl::OkStatus();
    if (on_piece != nullptr)
      deadline = base::Micros(MonotonicNow().micros + options.timeout.micros);
    BATUTA_ASSIGN_OR_RETURN(const size_t got, Fill());
    if (got > 0) continue;
    if (parsed->framing == Framing::kUntilClose) return absl::OkStatus();
    return absl::DataLossError(kCutShort);
  }
}

// Moves what has been received into the body or the sink; true if that completes it.
absl::StatusOr<bool> Client::Impl::TakeBody(ParsedResponse* parsed, const PieceSink* on_piece) {
  std::string piece;
  std::string& target = on_piece != nullptr ? piece : parsed->response.body;
  const size_t before = target.size();
  size_t used = 0;
  bool complete = parsed->framing == Framing::kNone;
  if (parsed->framing == Framing::kChunked && !in.empty()) {
    const ChunkDecoder::State state = chunks.Decode(in, &target, &used);
    if (state == ChunkDecoder::State::kBad) return absl::DataLossError("the answer is malformed");
    complete = state == ChunkDecoder::State::kDone;
  } else if (parsed->framing == Framing::kLength || parsed->framing == Framing::kUntilClose) {
    const bool counted = parsed->framing == Framing::kLength;
    used = counted ? std::min<uint64_t>(in.size(), parsed->content_length - body_size) : in.size();
    target.append(in, 0, used);
    complete = counted && body_size + used == parsed->content_length;
  }
  in.erase(0, used);
  body_size += target.size() - before;
  if (on_piece == nullptr && body_size > options.max_response_bytes) {
    return absl::ResourceExhaustedError("the answer is too large");
  }
  if (on_piece != nullptr && !piece.empty()) sink_done = !(*on_piece)(piece);
  return complete || sink_done;
}

absl::StatusOr<size_t> Client::Impl::Fill() {
  const size_t size = in.size();
  in.resize(size + kReadSize);
  absl::StatusOr<size_t> got = socket.Read(in.data() + size, kReadSize, deadline);
  in.resize(size + got.value_or(0));
  return got;
}

}  // namespace batuta::http
